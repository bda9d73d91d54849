"""`make run`: the service with sample touchpoints, one merged customer on the screen, then go on serving."""

from __future__ import annotations

import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import grpc
from rich.console import Console
from rich.markup import escape

from resolver.batch.readers import Row
from resolver.cli import show
from resolver.cli.delivery import Answer, Ended, Sender
from resolver.cli.options import DEFAULT_TARGET, connected
from resolver.cli.problems import of_call
from resolver.config import ConfigError, load
from resolver.sample.generate import REGION, TRUTH, sample_rows, samples
from resolver.sample.scenarios import SHOWCASE
from resolver.serve.logs import log_to_stderr
from resolver.serve.process import StartError, run
from resolver.v1 import (
    customer_service_pb2,
    customer_service_pb2_grpc,
    stewardship_service_pb2,
    stewardship_service_pb2_grpc,
)

STORE: Final = Path("data", "sample.db")
POPULATION: Final = 1000
COLUMNS: Final = 100
"""No line on the screen is longer."""
_COUPLE: Final = "partners"
"""The scenario of the sample whose people share a phone and a mailbox."""


def main() -> int:
    """Serve the sample until Ctrl-C; the exit code."""
    log_to_stderr()
    try:
        loaded = load(None, {"store": STORE, "region": REGION, "population": POPULATION})
        run(loaded, _begin)
    except (ConfigError, StartError) as error:
        sys.stderr.write(f"resolver: {error}\n")
        return 1
    return 0


def _begin(address: str) -> None:
    """Show the sample beside the server, so that Ctrl-C ends either."""
    threading.Thread(target=_show, args=(address,), name="sample", daemon=True).start()


def _show(address: str) -> None:
    console = show.console(COLUMNS)
    try:
        with connected(address) as channel:
            _load(console, channel, address)
    except (grpc.RpcError, Ended) as error:
        sys.stderr.write(f"resolver: {of_call(error, address)}\n")


def _load(console: Console, channel: grpc.Channel, address: str) -> None:
    console.print(f"listening on {address}, the store is {STORE}; loading sample touchpoints ...")
    answers = list(Sender(channel).send(row for row, _ in sample_rows()))
    customers = {answer.customer for answer in answers if answer.customer}
    console.print(f"{len(answers)} touchpoints of {len(customers)} customers\n")
    whose = found_as(answers)
    shown = whose[SHOWCASE.id]
    showcase(console, channel, shown)
    couple = [whose[person] for person in couple_of_the_sample()]
    apart(console, channel, couple)
    target = "" if address == DEFAULT_TARGET else f" --target {address}"
    console.print("\n[bold]Go on with[/bold]", *commands(shown, couple, target), sep="\n  ", soft_wrap=True)
    console.print("Serving until Ctrl-C.")


def commands(shown: str, couple: Sequence[str], target: str) -> Iterator[str]:
    """What to type next."""
    yield f"resolver lookup --phone 06-{SHOWCASE.phone[1:]} --region {REGION}{target}"
    yield f"resolver lookup --id {couple[0]}{target}"
    yield f"resolver explain --customer {shown}{target}"
    yield f"resolver suggestions{target}"


def found_as(answers: Iterable[Answer]) -> Mapping[str, str]:
    """The customer on whom most touchpoints of each person of the sample are."""
    people = {_contact(row): person for row, person in sample_rows()}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for answer in answers:
        if answer.customer:
            counts[people[_contact(answer.row)]][answer.customer] += 1
    return {person: max(seen, key=lambda id_: (seen[id_], id_)) for person, seen in counts.items()}


def couple_of_the_sample() -> Sequence[str]:
    """The sample's names for two people who live together."""
    person, scenario = TRUTH.index("person_id"), TRUTH.index("scenario")
    there = {each.truth[person] for each in samples() if each.truth[scenario] == _COUPLE}
    return sorted(there, key=lambda name: int(name.rpartition("-")[2]))[:2]


def _contact(row: Row) -> tuple[str, str]:
    return row.source, row.touchpoint.touchpoint_id if row.touchpoint else ""


def showcase(console: Console, channel: grpc.Channel, customer: str) -> None:
    """Who, from which channels and records and why they are one, the timeline, the preferred channel."""
    customers = customer_service_pb2_grpc.CustomerServiceStub(channel)
    stewards = stewardship_service_pb2_grpc.StewardshipServiceStub(channel)
    found = customers.LookupCustomer(customer_service_pb2.LookupCustomerRequest(customer_id=customer))
    console.print(show.lookup_card(found))
    asked = stewardship_service_pb2.ExplainRequest()
    asked.customer.customer_id = found.customer.id
    links = stewards.Explain(asked).links
    console.print(f"\n[bold]Why these {found.customer.record_count} records are one[/bold] (weights in bits)")
    for link in links:
        for line in show.link_lines(link):
            console.print(f"  {escape(line)}")


def apart(console: Console, channel: grpc.Channel, couple: Sequence[str]) -> None:
    """Two people of one household who stay two customers."""
    stewards = stewardship_service_pb2_grpc.StewardshipServiceStub(channel)
    asked = stewardship_service_pb2.ExplainRequest()
    asked.pair.left.customer_id, asked.pair.right.customer_id = couple
    weighed = stewards.Explain(asked).pair
    console.print("\n[bold]Two who share a phone and a mailbox[/bold], and stay two customers")
    for each in weighed.comparisons:
        values = "  |  ".join(" / ".join(held) for held in (each.left_values, each.right_values))
        console.print(
            f"  {each.attribute:<12} {each.level:<18} {escape(values)}", overflow="ellipsis", no_wrap=True
        )
    console.print(f"  {escape(show.verdict_line(weighed))}")


if __name__ == "__main__":
    sys.exit(main())
