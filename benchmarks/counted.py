"""The process that counts.py runs under callgrind. It runs each app in turn, with a shorter and a longer loop of the
same requests.

callgrind writes down its counts whenever `os.getppid` is called: three times around each pair of runs.
"""

import gc
import json
import os
import sys
from pathlib import Path

from overhead import baseline, runners
from scenarios import BY_NAME

# By then, the adaptive interpreter has finished its specialisations.
WARM = 64


def main() -> None:
    plan = json.loads(sys.argv[1])
    done = []
    gc.disable()
    for scenario in (BY_NAME[name] for name in plan["scenarios"]):
        for name, runner in {"": baseline(scenario), **runners(scenario, plan["subjects"])[0]}.items():
            loops = runner.whole_turns(plan["loops"])
            runner.batch(runner.whole_turns(WARM))
            os.getppid()
            runner.batch(loops)
            os.getppid()
            runner.batch(2 * loops)
            os.getppid()
            done.append((scenario.name, name, loops))
    Path(plan["done"]).write_text(json.dumps(done))


if __name__ == "__main__":
    main()
