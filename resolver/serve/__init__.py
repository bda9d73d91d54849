"""The service's edge: gRPC in, values out; thin handlers, one error mapping, one writer."""
