"""A replica that watches a cluster from the outside, by a kubeconfig: for what needs no chart and no Service."""
import yaml

from cluster import DEADLINE, wait_until
from pratique_server import Server


class Watching(Server):
    """`files`: policies that it has in files, none for none; `asks`: what it asks of the cluster."""

    def __init__(self, cluster, folder, files, **asks):
        kubernetes = {"kubeconfig": str(cluster.kubeconfig("admin")), **asks}
        (folder / "policies").mkdir(parents=True)
        (folder / "policies/all.yaml").write_text(yaml.safe_dump_all(files))
        super().__init__(folder, kubernetes=kubernetes)
        if not files:
            del self.configuration["policies"]
        self.launch()
        wait_until(self._is_ready, "ready", DEADLINE)

    def _is_ready(self):
        assert self.process.poll() is None, self.log()
        started = self.event("started") or self.event("ready")
        if started:
            self.port, self.plain_port = started["port"], started["plainPort"]
        return started and self.get_plain("/readyz").status == 200
