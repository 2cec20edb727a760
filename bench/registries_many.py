"""Fifty images in one review that nothing is remembered of, beside one."""
import statistics
import time

import delay
import report
import stocked

TITLE = "Fifty images in one review"
SECONDS, IMAGES = 0.02, 50
LEAST = 3  # connection, TLS, HEAD


def ask_cold(bench, proxy, host, digests, n):
    """A server that has asked nobody yet, about the first n images. Returns milliseconds and what the proxy counted."""
    server = bench.start(stocked.RULES + stocked.DIGEST + stocked.RESOLVE, stocked.settings(host))
    references = [f"{host['host']}/shop/many-{number}:1.0" for number in range(n)]
    connection = bench.connect(server)
    connection.connect()
    proxy.clear()
    began = time.perf_counter()
    written = stocked.admitted(connection, stocked.review_of(references))
    took = (time.perf_counter() - began) * 1000
    connection.close()
    server.stop()
    if written != [f"{reference}@{digest}" for reference, digest in zip(references, digests)]:
        raise SystemExit("bench: another digest was written")
    return {"ms": took, "connections": proxy.connections, "turns": proxy.turns}


def measure(bench):
    digests = [bench.registry.put_image(f"shop/many-{number}", "1.0", number) for number in range(IMAGES)]
    proxy = delay.Proxy(bench.registry.registry.port, SECONDS)
    bench.stack.callback(proxy.close)
    host = bench.registry.host(f"localhost:{proxy.port}")
    rounds = {1: [], IMAGES: []}
    for _ in range(2 if bench.quick else 15):
        for n, seen in rounds.items():
            seen.append(ask_cold(bench, proxy, host, digests, n))
    return rounds


def ratio(result):
    return report.spread([many["ms"] / one["ms"] for many, one in zip(result[IMAGES], result[1])])


def goals(result):
    """None was set; fifty one after the other, over one connection, would be the bound of what is tolerable."""
    alone = (LEAST - 1 + IMAGES) / LEAST
    yield report.most_goal(f"{IMAGES} images, times as long as one", round(alone, 1), "", ratio(result)["median"],
                           report.text_of(ratio(result)))


def lines(result):
    def row(n, seen):
        times = sorted(one["ms"] for one in seen)
        return (str(n), report.text_of(report.spread(times), 0, " ms"), f"{times[int(len(times) * 0.99)]:.0f} ms",
                *(f"{statistics.median(one[field] for one in seen):.0f}" for field in ("connections", "turns")),
                f"{statistics.median(times) / SECONDS / 1000:.1f}")
    yield from (f"`/mutate` with `resolveDigest`, each time by a server that has asked nobody yet; {SECONDS * 1000:.0f} ms a round trip. "
                f"One image takes {LEAST} round trips at least. \"One after the other\" is the time in round trips.", "")
    yield from report.table(("images", "p50 of the answer", "p99", "connections", "questions and handshakes", "one after the other"),
                            [row(n, seen) for n, seen in result.items()])
