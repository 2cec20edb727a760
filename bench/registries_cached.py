"""Reviews of ten images of which everything is remembered, beside the same reviews by rules on names alone."""
import statistics
import struct

import load
import report
import stocked

TITLE = "Ten images that are remembered"
IMAGES, GOAL = 10, 0.8
REWRITE = "  mutate: {rewrite: [{from: \"%s/shop/**\", to: \"%s/shop/mirror-of-the-registry/of-the-same-length-as-a-digest/**\"}]}\n"

# By way: the policy, the path, whether the review has digests.
WAYS = {
    "names alone, /validate": (stocked.RULES, "/validate", True),
    "image:, /validate": (stocked.RULES + stocked.IMAGE, "/validate", True),
    "names alone, /mutate": (stocked.RULES, "/mutate", False),
    "rewrite, /mutate": (stocked.RULES + REWRITE, "/mutate", False),
    "resolveDigest, /mutate": (stocked.RULES + stocked.DIGEST + stocked.RESOLVE, "/mutate", False),
    "resolveDigest and image:, /mutate": (stocked.RULES + stocked.DIGEST + stocked.IMAGE + stocked.RESOLVE, "/mutate", False),
}
# Each beside what it is compared with, and the goal for it.
COMPARED = {"image:, /validate": ("names alone, /validate", GOAL),
            "resolveDigest, /mutate": ("rewrite, /mutate", GOAL),
            "resolveDigest and image:, /mutate": ("rewrite, /mutate", GOAL),
            "resolveDigest, /mutate ": ("names alone, /mutate", GOAL)}


class Way:
    def __init__(self, bench, name, bodies, address):
        self.bench, (spec, self.path, pinned) = bench, WAYS[name]
        self.policy = spec % (address, address) if "%s" in spec else spec
        self.review, self.body = bodies[pinned]
        self.more = stocked.settings(bench.registry.host())
        self.server = self.start()
        bench.stack.callback(self.server.stop)
        self.rounds, self.paced = [], []

    def start(self, environment=None):
        server = self.bench.start(self.policy, self.more, environment)
        connection = self.bench.connect(server)
        self.written = stocked.admitted(connection, self.review, self.path + "?timeout=10s")
        connection.close()
        return server

    def run(self, seconds):
        self.rounds.append(load.run_wrk(self.server, self.bench.load_core, self.body, 16, seconds, 0, self.path))

    def run_paced(self, seconds):
        """A thousand reviews a second."""
        self.paced.append(load.run_wrk(self.server, self.bench.load_core, self.body, 4, seconds, 4, self.path))

    def count(self, n):
        """Calls for memory, and bytes, of one review in the whole server."""
        file = self.bench.folder / "allocations"
        server = self.start({"LD_PRELOAD": str(self.bench.build / "bench/libcount_malloc.so"), "COUNT_MALLOC_FILE": str(file)})
        connection, marks = self.bench.connect(server), []
        for reviews in (100, n):
            for _ in range(reviews):
                stocked.admitted(connection, self.review, self.path + "?timeout=10s")
            marks.append(struct.unpack("QQ", file.read_bytes()))
        connection.close()
        server.stop()
        self.allocations = [(after - before) / n for before, after in zip(*marks)]


def measure(bench):
    registry, address = bench.registry, bench.registry.registry.address
    references = [f"{address}/shop/app-{number}:1.{number}" for number in range(IMAGES)]
    digests = [registry.put_image(f"shop/app-{number}", f"1.{number}", number) for number in range(IMAGES)]
    pinned = [f"{reference}@{digest}" for reference, digest in zip(references, digests)]
    bodies = {}
    for name, named in ((False, references), (True, pinned)):
        review = stocked.review_of(named)
        bodies[name] = (review, load.write_body(bench.folder, f"ten-{name}", review))
    ways = {name: Way(bench, name, bodies, address) for name in WAYS}
    for name, way in ways.items():
        if "resolveDigest" in name and way.written != pinned:
            raise SystemExit("bench: another digest was written")
        way.count(50 if bench.quick else 1000)
    for number in range(1 if bench.quick else 7):
        for name, way in ways.items():
            way.run(1 if bench.quick else 3)
            bench.say(f"round {number + 1}: {name}: {way.rounds[-1]['per_second']:,.0f} reviews/s, {way.rounds[-1]['cpu_us']:.1f} µs of CPU each")
    for name, way in ways.items():
        way.run_paced(1 if bench.quick else 3)
        way.kept = way.server.memory_kb("VmHWM") / 1024
    return ways


def ratio(ways, name, field):
    """How much of the other's: reviews per second, or by the CPU that each took."""
    other, ours = ways[COMPARED[name][0]].rounds, ways[name.strip()].rounds
    return report.spread([a["per_second"] / b["per_second"] if field == "per_second" else b["cpu_us"] / a["cpu_us"]
                          for a, b in zip(ours, other)])


def goals(ways):
    for name, (other, goal) in COMPARED.items():
        yield report.ratio_goal(f"{name.strip()}: reviews/s, of {other}", goal, ratio(ways, name, "per_second"))
    for name, (other, goal) in COMPARED.items():
        yield report.ratio_goal(f"{name.strip()}: the same by CPU per review, of {other}", goal, ratio(ways, name, "cpu_us"))


def lines(ways):
    sizes = {path: len(way.review) for path, way in ((way.path, way) for way in ways.values())}
    yield from ("A Deployment with ten containers (" + ", ".join(f"{size:,} bytes to `{path}`" for path, size in sizes.items()) +
                "), all of whose images the server has been asked about before; defaults, so that tags are asked for again every 30 s. "
                "16 connections that never pause; then four that pause, a thousand reviews a second, for the latency.", "")
    yield from report.table(
        ("rules", "reviews/s", "CPU per review", "core used", "p50 paced", "p99 paced", "calls for memory", "peak memory"),
        [(name, report.text_of(report.spread([one["per_second"] for one in way.rounds]), 0),
          f"{statistics.median(one['cpu_us'] for one in way.rounds):.1f} µs",
          f"{statistics.median(one['core_used'] for one in way.rounds):.0%}",
          *(f"{way.paced[0][field] / 1000:.3f} ms" for field in ("p50_us", "p99_us")),
          f"{way.allocations[0]:.1f}", f"{way.kept:.1f} MiB") for name, way in ways.items()])
    yield from ("Of an image that is written, the answer has a test and a replacement, in base64: ten make four kilobytes that rules on "
                "names alone do not send. `rewrite` writes as many, and asks nobody: what resolveDigest costs beside it is the asking.", "")
