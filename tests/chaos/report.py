"""What a run says in the end: examples of what is broken, and one line of JSON."""

import json

from tests.chaos.run import Outcome, Plan


def last_line(plan: Plan, outcome: Outcome, seconds: float) -> str:
    """The counts."""
    findings = outcome.findings
    counts = {
        "seed": plan.seed,
        "events": outcome.told,
        "faults": dict(sorted(outcome.struck.items())),
        "lost": findings.lost,
        "doubled": findings.doubled,
        "order_violations": findings.order_violations,
        "tenant_mismatches": findings.tenant_mismatches,
        "unfounded": findings.unfounded,
        "waiting": findings.waiting,
        "missed": dict(sorted(outcome.missed.items())),
        "outbox_rows": findings.events,
        "people": outcome.people,
        "unexpected_exits": outcome.exits,
        "drained_seconds": round(outcome.drained_after, 1),
        "seconds": round(seconds, 1),
    }
    return json.dumps(counts)
