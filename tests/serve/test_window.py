from __future__ import annotations

import threading

from resolver.serve.window import Window


def test_items_come_in_order_and_end() -> None:
    window: Window[int] = Window(3)

    def read() -> None:
        for n in range(50):
            window.put(n)
        window.finish()

    reading = threading.Thread(target=read)
    reading.start()
    assert list(window) == list(range(50))
    reading.join(5)


def test_it_is_bounded() -> None:
    window: Window[int] = Window(2)
    assert window.put(1) and window.put(2)
    third = threading.Thread(target=window.put, args=(3,))
    third.start()
    third.join(0.05)
    assert third.is_alive()
    assert next(iter(window)) == 1
    third.join(5)
    assert not third.is_alive()


def test_closed_it_takes_and_gives_nothing() -> None:
    window: Window[int] = Window(1)
    window.put(1)
    blocked: list[bool] = []
    waiting = threading.Thread(target=lambda: blocked.append(window.put(2)))
    waiting.start()
    window.close()
    waiting.join(5)
    assert blocked == [False]
    assert list(window) == []
