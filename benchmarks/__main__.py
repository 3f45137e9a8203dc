"""`make bench`: every benchmark, one line of figures each; fails if one misses its target."""

import subprocess
import sys

BENCHMARKS = (
    "decisions",
    "counter_notices",
    "submission",
    "api",
    "enforcement",
    "celery_reuse",
    "queues",
    "staff",
    "goodfaith",
    "images_memory",
    "imageguard",
    "imports",
    "patrol_images",
    "patrol",
    "patrol_speed",
    "search",
)
#: these have a form of their own
WITH_JSON = ("vendure",)


def main() -> int:
    asked = sys.argv[1:] or [*BENCHMARKS, *WITH_JSON]
    failed = []
    for name in asked:
        flags = ["--json"] if name in WITH_JSON else []
        if subprocess.call([sys.executable, "-m", f"benchmarks.{name}", *flags]):
            failed.append(name)
    if failed:
        print(f"Missed their target or did not run: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
