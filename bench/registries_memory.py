"""What a server takes that remembers the digests of ten thousand tags."""
import concurrent.futures

import report
import stocked

TITLE = "Ten thousand digests"
PER_REVIEW, CLIENTS, GOAL = 50, 4, 32
REPOSITORY = "shop/checkout/payments-service"


def ask(bench, server, reviews):
    connection = bench.connect(server)
    for review, digests in reviews:
        written = stocked.admitted(connection, review, "/mutate?timeout=30s")
        if [text.split("@")[1] for text in written] != digests:
            raise SystemExit("bench: another digest was written")
    connection.close()


def ask_all(bench, server, reviews):
    """By several clients at once."""
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        for done in [pool.submit(ask, bench, server, reviews[number::CLIENTS]) for number in range(CLIENTS)]:
            done.result()


def stock(bench, n):
    address = bench.registry.registry.address
    tags = [f"1.{number}.0" for number in range(n)]
    digests = [bench.registry.put_tag(REPOSITORY, tag, number) for number, tag in enumerate(tags)]
    return [(stocked.review_of([f"{address}/{REPOSITORY}:{tag}" for tag in tags[at:at + PER_REVIEW]]), digests[at:at + PER_REVIEW])
            for at in range(0, n, PER_REVIEW)]


def measure(bench):
    n = 1000 if bench.quick else 10_000
    reviews = stock(bench, n)
    server = bench.start(stocked.RULES + stocked.DIGEST + stocked.RESOLVE, stocked.settings(bench.registry.host(), tags="1h"))
    bench.stack.callback(server.stop)
    seen = [("started", 0, server.memory_kb("VmRSS"))]
    for number in range(3):
        ask_all(bench, server, reviews)
        kept = stocked.metrics(server)['pratique_registry_remembered{what="digests"}']
        seen.append((f"asked {number + 1} times", int(kept), server.memory_kb("VmRSS")))
        bench.say(f"{seen[-1][0]}: {seen[-1][1]:,} digests remembered, {seen[-1][2] / 1000:.1f} MB")
    return {"n": n, "seen": seen, "peak": server.memory_kb("VmHWM"), "answers": stocked.answers(server)}


def goals(result):
    yield {"what": "memory (RSS) with 10,000 digests remembered", "goal": f"≤ {GOAL} MB",
           "result": f"{result['seen'][-1][2] * 1024 / 1e6:.1f} MB", "met": result["seen"][-1][2] * 1024 / 1e6 <= GOAL}
    yield {"what": "of these remembered", "goal": "all", "result": f"{result['seen'][-1][1]:,}", "met": result["seen"][-1][1] >= result["n"]}


def lines(result):
    yield from (f"{result['n']:,} tags, each with a digest of its own, asked for by {CLIENTS} clients in reviews of {PER_REVIEW} images, "
                "three times over; `memory` at its default.", "")
    yield from report.table(("when", "digests remembered", "RSS"),
                            [(when, f"{kept:,}", f"{kb * 1024 / 1e6:.1f} MB") for when, kept, kb in result["seen"]])
    yield from (f"The most that it ever had: {result['peak'] * 1024 / 1e6:.1f} MB. Answers: " +
                ", ".join(f"{count:,} {source}" for source, count in result["answers"].items()) + ".", "")
