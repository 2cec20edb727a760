"""A registry that is killed while reviews come, and comes back: what is decided meanwhile, and by which evidence."""
import collections
import itertools
import threading
import time

import report
import stocked

TITLE = "A registry that dies under load"
IMAGES, CLIENTS, PAUSE = 10, 6, 0.005
TAGS, FAILURES = "3s", "1s"
STALE = stocked.RESOLVE + "  staleWhileUnreachable: 1h\n"
KINDS = {"a digest is written": "a tag to `/mutate`, which gets its digest", "the image is looked at": "a digest to `/validate`, with rules on the image",
         "a tag that is not there": "denied at all times", "a registry that is not allowed": "denied at all times, and never asked"}


class Load:
    """Clients that ask about each kind in turn, and note of every answer when it came, how long it took, and whether it admits."""

    def __init__(self, bench, server, cases):
        self.bench, self.server, self.cases = bench, server, cases
        self.stop, self.lock, self.seen, self.wrong = threading.Event(), threading.Lock(), [], []
        self.threads = [threading.Thread(target=self.run, args=(number,)) for number in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        connection = self.bench.connect(self.server)
        for kind, review, path, expected in itertools.islice(itertools.cycle(self.cases), number, None):
            if self.stop.is_set():
                break
            began = time.monotonic()
            response, written = stocked.ask(connection, review, path + "?timeout=10s")
            ended = time.monotonic()
            with self.lock:
                self.seen.append((ended, kind, ended - began, response["allowed"]))
                if response["allowed"] and written != expected:
                    self.wrong.append((kind, written))
            time.sleep(PAUSE)
        connection.close()

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def cases_of(bench):
    address = bench.registry.registry.address
    found = []
    for number in range(IMAGES):
        tagged = f"{address}/shop/out-{number}:1.0"
        pinned = f"{tagged}@{bench.registry.put_image(f'shop/out-{number}', '1.0', number)}"
        found += [("a digest is written", stocked.review_of([tagged]), "/mutate", [pinned]),
                  ("the image is looked at", stocked.review_of([pinned]), "/validate", [])]
    return found + [("a tag that is not there", stocked.review_of([f"{address}/shop/out-0:9.9"]), "/mutate", None),
                    ("a registry that is not allowed", stocked.review_of(["registry.invalid/shop/app:1.0"]), "/mutate", None)]


def measure_one(bench, cases, mutate):
    server = bench.start(stocked.RULES + stocked.DIGEST + stocked.IMAGE + mutate,
                         stocked.settings(bench.registry.host(), tags=TAGS, failures=FAILURES))
    load, phases = Load(bench, server, cases), []
    registry = bench.registry.registry
    for name, change in (("before", None), ("while it is dead", registry.stop), ("after", registry.start)):
        if change:
            change()
        began, answers = time.monotonic(), stocked.answers(server)
        time.sleep(3 if bench.quick else 12 if name == "before" else 20)
        phases.append((name, began, time.monotonic(), {source: count - answers.get(source, 0)
                                                      for source, count in stocked.answers(server).items()}))
    load.end()
    server.stop()
    if load.wrong:
        raise SystemExit(f"bench: what should not be is admitted: {load.wrong[0]}")
    return {"seen": load.seen, "phases": phases, "recovery": recovery(load.seen, phases[2][1])}


def recovery(seen, back):
    """Seconds from when the registry is back until the last denial of what must be admitted."""
    denied = [at for at, kind, _, allowed in seen if at >= back and kind in list(KINDS)[:2] and not allowed]
    return max(denied) - back if denied else 0.0


def measure(bench):
    cases = cases_of(bench)
    return {"resolveDigest": measure_one(bench, cases, stocked.RESOLVE),
            "resolveDigest and staleWhileUnreachable": measure_one(bench, cases, STALE)}


def goals(result):
    for name, one in result.items():
        dead = one["phases"][1]
        slow = p99([took for at, _, took, _ in one["seen"] if dead[1] <= at <= dead[2]])
        yield report.most_goal(f"{name}: p99 of all answers while the registry is dead", 1000, "ms", slow)
        yield {"what": f"{name}: admitted that should not be", "goal": "none", "result": "none", "met": True}


def p99(times):
    return sorted(times)[int(len(times) * 0.99)] * 1000 if times else 0.0


def rows(one):
    for name, began, ended, _ in one["phases"]:
        taken = collections.defaultdict(list)
        for at, kind, took, allowed in one["seen"]:
            if began <= at <= ended:
                taken[kind].append((took, allowed))
        for kind in KINDS:
            times = [took for took, _ in taken[kind]]
            yield (name, kind, f"{len(times) / (ended - began):,.0f}", f"{sum(allowed for _, allowed in taken[kind]) / max(1, len(times)):.0%}",
                   f"{sorted(times)[len(times) // 2] * 1000 if times else 0:.2f} ms", f"{p99(times):.2f} ms")


def lines(result):
    yield from (f"{CLIENTS} clients ask without end about {IMAGES} images of two platforms; `tags: {TAGS}`, `failures: {FAILURES}`, so that what is "
                "remembered ends while they look. The registry is killed (SIGKILL) and started again.", "")
    for kind, means in KINDS.items():
        yield f"- {kind}: {means}."
    yield ""
    for name, one in result.items():
        yield from (f"### {name}", "")
        yield from report.table(("registry", "review", "decisions/s", "admitted", "p50", "p99"), rows(one))
        yield from report.table(("answers to questions, by source", *(phase[0] for phase in one["phases"])),
                                [(source, *(f"{phase[3].get(source, 0):,}" for phase in one["phases"])) for source in one["phases"][0][3]])
        yield from (f"From when the registry was back until the last denial of what is to be admitted: {one['recovery']:.1f} s.", "")
