"""What came out, as a table on the terminal, report.md and report.json."""
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess

import servers

ROOT = servers.HERE.parent


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "not known"
    return (done.stdout + done.stderr).strip().split("\n")[0]


def package(name):
    return first_line("dpkg-query", "-W", "-f", "${Version}", name)


def describe_machine(cores):
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return {
        "cpu": cpu.group(1) if cpu else platform.machine(),
        "cpus": os.cpu_count(),
        "memory_gib": round(int(memory.group(1)) / 2**20, 1),
        "kernel": platform.release(),
        "load_average_before": os.getloadavg()[0],
        "server_core": cores[0], "load_core": cores[1],
    }


def describe_versions(binary):
    return {
        "pratique": first_line(binary, "version").split()[-1],
        "commit": first_line("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
        "libmicrohttpd": package("libmicrohttpd12"), "gnutls": package("libgnutls30"),
        "nginx": first_line(servers.tool("nginx"), "-v").split("/")[-1],
        "openssl": package("libssl3"), "flask": package("python3-flask"),
        "werkzeug": package("python3-werkzeug"), "python": package("python3"), "wrk": package("wrk"),
    }


def spread(values):
    """The median, and the least and the greatest."""
    return {"median": statistics.median(values), "least": min(values), "greatest": max(values)}


def text_of(values, digits=2, unit=""):
    return (f"{values['median']:,.{digits}f}{unit} "
            f"({values['least']:,.{digits}f}–{values['greatest']:,.{digits}f})")


def ratio_goal(name, goal, values):
    return {"what": name, "goal": f"≥ {goal}", "result": text_of(values), "met": values["median"] >= goal}


def most_goal(name, goal, unit, value, text=None):
    return {"what": name, "goal": f"≤ {goal} {unit}".strip(), "result": text or f"{value:,.1f} {unit}".strip(),
            "met": value <= goal}


def goals(out):
    everything = out["in_process"]["all"]
    few, many = out["policies"]["few"], out["policies"]["many"]
    return [
        ratio_goal("reviews/s, of nginx's static answer", 0.85, out["ratio_nginx"]),
        ratio_goal("reviews/s, times the Flask server's (keep-alive)", 30, out["ratio_flask_keep_alive"]),
        ratio_goal("reviews/s, times the Flask server's (as written)", 30, out["ratio_flask"]),
        most_goal("a review in process, p99", 100, "µs", everything["p99_ns"] / 1000),
        most_goal("memory (RSS) at load", 32, "MB", out["rss_kb"] * 1024 / 1e6),
        most_goal("start until ready", 100, "ms", out["start_ms"]["median"],
                  text_of(out["start_ms"], 1, " ms")),
        most_goal("deciding with 10,000 policies, times that with 10 (p50)", 2, "",
                  out["ratio_policies"]["median"],
                  f"{text_of(out['ratio_policies'])}; {few['policies']:,} and {many['policies']:,} policies"),
    ]


def throughput_rows(out):
    for name, rounds in out["rounds"].items():
        per_second = spread([one["per_second"] for one in rounds])
        cpu = statistics.median(one["cpu_us"] for one in rounds)
        used = statistics.median(one["core_used"] for one in rounds)
        yield (name, text_of(per_second, 0), f"{cpu:,.1f} µs", f"{used:.0%}")


def latency_rows(out):
    for name, one in out["latency"].items():
        yield (name, f"{one['per_second']:,.0f}",
               *(f"{one[field] / 1000:,.3f} ms" for field in ("p50_us", "p99_us", "p999_us")))


def stage_rows(out):
    for stage in ("parse", "decode", "decide", "encode", "all"):
        one = out["in_process"][stage]
        yield (stage, *(f"{one[field] / 1000:,.1f} µs" for field in ("p50_ns", "p99_ns", "p999_ns")))


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows] + [""]


def rows_of_goals(found):
    return [(goal["what"], goal["goal"], goal["result"], "met" if goal["met"] else "**not met**")
            for goal in found]


def markdown(out):
    machine, versions, asked = out["machine"], out["versions"], out["asked"]
    few, many = out["policies"]["few"], out["policies"]["many"]
    served, inside = out["allocations"], out["in_process"]
    lines = ["# Benchmark", ""]
    if out["quick"]:
        lines += ["**A quick run, which shows that the benchmark works. Its numbers mean nothing.**", ""]
    lines += [f"{out['date']}, {machine['cpu']}, {machine['cpus']} CPUs, {machine['memory_gib']} GiB, "
              f"Linux {machine['kernel']}, load average before: {machine['load_average_before']:.2f}. "
              f"Server on CPU {machine['server_core']}, load on CPU {machine['load_core']}. "
              "Written by `bench/run`; [README.md](README.md) says what is compared. "
              "In brackets: the least and the greatest of all rounds.", ""]
    lines += table(("goal", "wanted", "came out", ""), rows_of_goals(goals(out)))
    lines += ["## Reviews per second", "",
              f"{asked['connections']} connections that never pause; {len(out['rounds']['nginx'])} rounds, "
              f"interleaved. A Deployment of {asked['deployment_bytes']:,} bytes, for Flask and where it says "
              f"Pod the Pod it makes ({asked['pod_bytes']:,} bytes); the answer has {asked['answer_bytes']} bytes.", ""]
    lines += table(("server", "reviews/s", "CPU per review", "core used"), throughput_rows(out))
    lines += ["Where less than the whole core is used, the load generator was the limit, or others who use the "
              "machine; then CPU per review tells more. By it, a review costs nginx "
              f"{text_of(out['ratio_nginx_cpu'])} of what it costs pratique.", "",
              "## Latency", "", "As the caller sees it, over TLS, at a load that leaves the server idle most of the time.", ""]
    lines += table(("server", "reviews/s", "p50", "p99", "p99.9"), latency_rows(out))
    lines += ["## In process", "",
              f"All {inside['reviews']} reviews of the corpus in turn, {inside['samples']:,} samples, "
              f"{inside['policies']} policies; {inside['allowed']:.0%} admitted.", ""]
    lines += table(("stage", "p50", "p99", "p99.9"), stage_rows(out))
    lines += [f"Calls for memory per review: {inside['allocations']:.1f} for {inside['allocated_bytes']:,.0f} bytes "
              f"in process, {served['calls']:.1f} for {served['bytes']:,.0f} bytes in the server with HTTP and TLS.", "",
              f"{many['policies']:,} policies ({many['indexed']:,} found by the index) load in {many['load_ms']:,.0f} ms "
              f"and keep {many['kept_bytes'] / 1e6:,.1f} MB; `decide` takes {few['decide']['p50_ns'] / 1000:,.1f} µs with "
              f"{few['policies']} and {many['decide']['p50_ns'] / 1000:,.1f} µs with {many['policies']:,} (p50).", "",
              "## Versions", "", ", ".join(f"{name} {value}" for name, value in versions.items()) + ".", ""]
    return "\n".join(lines)


def show_goals(found):
    rows = [(goal["what"], goal["goal"], goal["result"], "met" if goal["met"] else "NOT MET") for goal in found]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)), row[3], sep="  ")


def write(out, folder):
    out["date"] = datetime.date.today().isoformat()
    out["goals"] = goals(out)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.md").write_text(markdown(out))
    (folder / "report.json").write_text(json.dumps(out, indent=1, ensure_ascii=False) + "\n")
    show_goals(out["goals"])
    print(f"bench: wrote {folder / 'report.md'} and report.json")
