"""Rounds of alternating measurements, and their medians as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from portal.bench.load import Measured
from portal.bench.site import Server


@dataclass(slots=True)
class Contender:
    """One server under one load. The first of a comparison is what the others are held against."""

    name: str
    server: Server
    requests: Sequence[bytes]
    clients: int
    results: list[tuple[Measured, float]] = field(default_factory=list)

    def run(self, seconds: float) -> None:
        self.results.append(self.server.measure(self.requests, clients=self.clients, seconds=seconds))

    def per_second(self) -> float:
        return median(measured.per_second for measured, _ in self.results)

    def cpu(self) -> float:
        return median(cpu for _, cpu in self.results)

    def row(self) -> str:
        rates = [measured.per_second for measured, _ in self.results]
        statuses: dict[str, int] = {}
        for measured, _ in self.results:
            for status, count in measured.statuses.items():
                statuses[status] = statuses.get(status, 0) + count
        shown = " ".join(f"{status}:{count}" for status, count in sorted(statuses.items()))
        p50 = median(measured.p50 for measured, _ in self.results)
        p99 = median(measured.p99 for measured, _ in self.results)
        return (
            f"{self.name:34} {self.per_second():>9,.1f}/s ({min(rates):,.1f}–{max(rates):,.1f})"
            f"  p50 {p50:7.2f} ms  p99 {p99:8.2f} ms  CPU {self.cpu():>9,.0f} µs  {shown}"
        )


def compare(
    contenders: Sequence[Contender], *, rounds: int, seconds: float, warm_up: float = 1.0
) -> list[str]:
    for contender in contenders:
        contender.run(warm_up)
        contender.results.clear()
    for _ in range(rounds):
        for contender in contenders:
            contender.run(seconds)
    lines = [contender.row() for contender in contenders]
    yardstick = contenders[0]
    for other in contenders[1:]:
        rate, cpu = other.per_second() / yardstick.per_second(), yardstick.cpu() / max(other.cpu(), 0.001)
        lines.append(
            f"{other.name}: {rate:.2f} × the calls a second, {cpu:.2f} × per CPU second, of {yardstick.name}"
        )
    return lines
