"""What came of bench/commands: commands.json, a section of report.md, and a table on the terminal."""
import datetime
import json
import statistics

import report

HEADING = "## The command line"
GOAL = 20


def percentile(values, share):
    """Of few values, the greatest is the 95th percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def middle(runs, field):
    return statistics.median(run[field] for run in runs)


def ratio(one, field="wall_ms"):
    """How many times as long the fastest other takes; and which that is."""
    times = {name: middle(runs, field) for name, runs in one["rounds"].items()}
    ours = times.pop("pratique")
    fastest = min(times, key=times.get)
    return times[fastest] / ours, fastest


def goals(out):
    for one in out["inputs"]:
        times, fastest = ratio(one)
        cpu, least = ratio(one, "cpu_ms")
        yield {"what": f"check of {one['name']}, times as fast as the fastest other", "goal": f"≥ {GOAL}",
               "result": f"{times:,.1f} ({fastest}); by CPU time {cpu:,.1f} ({least})", "met": times >= GOAL}


def rows(one):
    for name, runs in one["rounds"].items():
        walls = [run["wall_ms"] for run in runs]
        memory = max(run["rss_kb"] for run in runs) / 1024
        times = middle(runs, "wall_ms") / middle(one["rounds"]["pratique"], "wall_ms")
        yield (name, f"{percentile(walls, 0.5):,.1f} ms", f"{percentile(walls, 0.95):,.1f} ms",
               f"{middle(runs, 'cpu_ms'):,.1f} ms", f"{memory:,.1f} MiB", f"{times:,.1f}", str(len(runs)))


def section(out):
    machine, versions = out["machine"], out["versions"]
    lines = [HEADING, ""]
    if out["quick"]:
        lines += ["**A quick run, which shows that the benchmark works. Its numbers mean nothing.**", ""]
    lines += [f"`pratique check` beside `kyverno apply` and `conftest test`, by the same three rules: two registries, "
              f"no tag latest, a digest. {out['date']}, {machine['cpu']}, {machine['cpus']} CPUs, load average before: "
              f"{machine['load_average_before']:.2f}. Written by `bench/commands`, which first sees that all deny the "
              "same objects by the same rules.", ""]
    lines += report.table(("goal", "wanted", "came out", ""), report.rows_of_goals(goals(out)))
    for one in out["inputs"]:
        lines += [f"### {one['name']}", "", f"{one['objects']:,} objects, {one['bytes']:,} bytes; "
                  f"{one['denied']:,} objects denied.", ""]
        lines += report.table(("program", "p50", "p95", "CPU", "peak memory", "times pratique", "rounds"), rows(one))
    lines += ["Where others used the machine, CPU time tells more than the time that passed.", ""]
    left = [name for name in out["inputs"][0]["rounds"] if name not in out["inputs"][-1]["rounds"]]
    if left:
        lines += [f"{', '.join(left)}: not asked about more than 100 manifests, which takes minutes.", ""]
    return "\n".join(lines + [", ".join(f"{name} {value}" for name, value in versions.items()) + ".", ""])


def put_into(path, text):
    """The section takes the place of the one before, or the end."""
    before, found, rest = path.read_text().partition(HEADING + "\n")
    behind = rest.find("\n## ") + 1 if found else 0
    path.write_text(before.rstrip("\n") + "\n\n" + text + ("\n" + rest[behind:] if behind else ""))


def put_back(folder):
    """Put the section of the last run into a report.md that was written anew."""
    path = folder / "commands.json"
    if path.exists():
        put_into(folder / "report.md", section(json.loads(path.read_text())))


def write(out, folder):
    out["date"] = datetime.date.today().isoformat()
    out["goals"] = list(goals(out))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "commands.json").write_text(json.dumps(out, indent=1, ensure_ascii=False) + "\n")
    if (folder / "report.md").exists():
        put_into(folder / "report.md", section(out))
    report.show_goals(out["goals"])
    print(f"bench: wrote {folder / 'commands.json'}")
