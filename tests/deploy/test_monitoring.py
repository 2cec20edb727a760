"""Alerts and dashboard ask for metrics that the program exposes, by labels that they have."""
import json
import re
import sys

import pytest

from chart import ROOT, rendered

sys.path.append(str(ROOT / "tests/integration"))
from pratique_server import DENIED, Server, allowed, review  # noqa: E402

# What Prometheus and the API server say of us; the second are compared with a real one in tests/e2e.
OTHERS = {"up", "apiserver_admission_webhook_rejection_count", "apiserver_admission_webhook_fail_open_count",
          "apiserver_admission_webhook_admission_duration_seconds"}
# Labels that are put on when metrics are scraped, or that are the API server's.
SCRAPED = {"namespace", "job", "pod", "name", "error_type", "le"}
FUNCTIONS = {"absent", "sum", "rate", "increase", "count", "min", "max", "time", "histogram_quantile", "topk"}


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """Families of a running program, and the labels of those that have a series."""
    server = Server(tmp_path_factory.mktemp("server")).start()
    assert not allowed(server.post(review(DENIED)).body)
    assert server.post(b"{").status == 400
    text = server.get_plain("/metrics").body.decode()
    server.stop()
    labels = {}
    for name, pairs in re.findall(r"^(\w+)\{(.*)\} ", text, re.M):
        labels.setdefault(name, set()).update(re.findall(r'(\w+)="', pairs))
    return set(re.findall(r"^# TYPE (\w+) ", text, re.M)), labels


def alerts():
    rule = rendered("monitoring").one("PrometheusRule")
    return [alert for group in rule["spec"]["groups"] for alert in group["rules"]]


def dashboard():
    return json.loads(rendered("monitoring").one("ConfigMap", "pratique-dashboard")["data"]["pratique.json"])


def expressions():
    found = [alert["expr"] for alert in alerts()]
    found += [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]
    assert len(found) > 20
    return found


def metrics(expression):
    """Each metric of the expression with the labels that it is selected by. All have a selector."""
    bare = re.sub(r'"[^"]*"|\[[^]]*\]', "", expression)
    found = [(name, set(re.findall(r"(\w+) *[=!]", selector)))
             for name, selector in re.findall(r"(\w+)\{([^}]*)\}", bare)]
    rest = re.sub(r"\w+\{[^}]*\}|\bby *\([^)]*\)", "", bare)
    assert set(re.findall(r"[a-z_]\w*", rest)) <= FUNCTIONS
    return found


@pytest.mark.parametrize("expression", expressions())
def test_metrics_exist(expression, live):
    families, labels = live
    found = metrics(expression)
    assert found
    for name, selected in found:
        family = re.sub(r"_(bucket|sum|count)$", "", name) if name not in OTHERS | families else name
        assert family in families | OTHERS, name
        if family not in OTHERS:
            assert selected <= SCRAPED | labels.get(name, selected), (name, selected)
    grouped = {label.strip() for group in re.findall(r"\bby *\(([^)]*)\)", expression) for label in group.split(",")}
    known = SCRAPED.union(*(labels.get(name, set()) for name, _ in found))
    if all(name in labels for name, _ in found if name.startswith("pratique_")):
        assert grouped <= known


def test_a_metric_that_is_not_there_would_be_seen(live):
    with pytest.raises(AssertionError):
        test_metrics_exist('sum(rate(pratique_review_total{verdict="error"}[5m])) > 0', live)


def test_alerts_say_what_is_wrong():
    names = [alert["alert"] for alert in alerts()]
    assert len(names) == len(set(names)) >= 10
    for alert in alerts():
        assert alert["annotations"]["summary"].endswith("."), alert
        assert alert["labels"]["severity"] in ("critical", "warning")
        assert "{{{" not in alert["expr"] and "%!" not in alert["expr"]


def test_every_metric_to_watch_is_watched():
    """The table "What to watch" of docs/operations.md: by an alert, or where no value is wrong by itself, on the
    dashboard."""
    page = (ROOT / "docs/operations.md").read_text()
    told = set(re.findall(r"^\| `(pratique_\w+)", page, re.M))
    no_alert = {"pratique_violations_total", "pratique_certificate_rotations_total"}
    alerted = {name for name in told if any(name in alert["expr"] for alert in alerts())}
    assert told and told - alerted == no_alert
    shown = " ".join(target["expr"] for panel in dashboard()["panels"] for target in panel["targets"])
    assert all(name in shown for name in no_alert)


def test_the_dashboard_is_one():
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [(x, y) for panel in panels for at in [panel["gridPos"]]
             for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])]
    assert len(cells) == len(set(cells)) and max(x for x, _ in cells) < 24
    for panel in panels:
        assert panel["targets"] and panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
