"""wrk: as many requests as go through, or at a given rate, and what it saw."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.benchmarks.gateway.process import SECOND_CORE, pinned

CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Workload:
    """What is asked, over and over; a different token each time if there are several."""

    name: str
    method: str
    path: str
    tokens: Sequence[str]
    body: int = 0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Times in milliseconds."""

    requests: int
    per_second: float
    p50: float
    p99: float
    failed: int

    @classmethod
    def middle_of(cls, outcomes: Sequence["Outcome"]) -> "Outcome":
        """Of several runs: all requests, and the median of each other figure."""
        return cls(
            sum(each.requests for each in outcomes),
            median(each.per_second for each in outcomes),
            median(each.p50 for each in outcomes),
            median(each.p99 for each in outcomes),
            sum(each.failed for each in outcomes),
        )


_SCRIPT = """
local tokens = {tokens}
local body = string.rep("x", {body})
if #body == 0 then body = nil end
local prepared, at = {{}}, 0

function init(args)
    for i, token in ipairs(tokens) do
        local headers = {{["Authorization"] = "Bearer " .. token, ["Host"] = "gateway"{headers}}}
        prepared[i] = wrk.format("{method}", "{path}", headers, body)
    end
end

function request()
    at = at % #prepared + 1
    return prepared[at]
end
{delay}
function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format('\\n{{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"failed":%d}}\\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""
_DELAY = "function delay() return math.random(0, {most}) end"


def press(
    wrk: str,
    port: int,
    workload: Workload,
    seconds: float,
    folder: Path,
    *,
    rate: float | None = None,
    connections: int = CONNECTIONS,
) -> Outcome:
    """Ask for so many seconds over so many connections; with ``rate``, no more than that per second."""
    script = folder / "load.lua"
    script.write_text(_script(workload, rate, connections))
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "-s", str(script), f"http://127.0.0.1:{port}"]
    ended = subprocess.run(pinned(SECOND_CORE, command), capture_output=True, text=True, check=True)
    told = json.loads(ended.stdout.rstrip().rpartition("\n")[2])
    return Outcome(
        told["requests"],
        told["requests"] / (told["microseconds"] / 1e6),
        told["p50"] / 1000,
        told["p99"] / 1000,
        told["failed"],
    )


def _script(workload: Workload, rate: float | None, connections: int) -> str:
    return _SCRIPT.format(
        tokens="{" + ",".join(f'"{token}"' for token in workload.tokens) + "}",
        body=workload.body,
        headers="".join(f', ["{name}"] = "{value}"' for name, value in workload.headers.items()),
        method=workload.method,
        path=workload.path,
        # Whole milliseconds, anything from none to twice the mean: the requests of many clients do not march in step.
        delay=_DELAY.format(most=max(1, round(2000 * connections / rate))) if rate else "",
    )
