"""People who create Pods, some allowed and some not, without a pause, and what became of each."""
import collections
import http.client
import itertools
import json
import ssl
import threading

from cluster import DEADLINE


class Creates:
    """Creates Pods from several threads until stopped, or until `most` are made, with a pause of so many seconds
    before each. Each outcome is one of `allowed`, `denied` or a text that says what else happened; `wrong` are those
    that should have been the other."""

    def __init__(self, cluster, namespace, good, bad, threads=4, most=4000, pause=0, dry_run=False):
        self.cluster, self.images, self.most, self.pause = cluster, (good, bad), most, pause
        self.path = f"/api/v1/namespaces/{namespace}/pods" + ("?dryRun=All" if dry_run else "")
        self.outcomes, self.wrong = collections.Counter(), []
        self.numbers, self.stopped, self.lock = itertools.count(), threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self._run) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def _run(self):
        context = ssl.create_default_context(cafile=self.cluster.ca)
        connection = http.client.HTTPSConnection(self.cluster.address, 6443, timeout=DEADLINE, context=context)
        while not self.stopped.wait(self.pause) and (number := next(self.numbers)) < self.most:
            try:
                self._create(connection, number)
            except (OSError, http.client.HTTPException) as failure:
                self._note(number, 0, {"message": repr(failure)})
                connection.close()  # the next request opens it again
        connection.close()

    def _create(self, connection, number):
        connection.request("POST", self.path, json.dumps({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"load-{number}"},
            "spec": {"containers": [{"name": "app", "image": self.images[number % 2]}]}}),
            {"Content-Type": "application/json", "Authorization": "Bearer admin-token"})
        answer = connection.getresponse()
        self._note(number, answer.status, json.loads(answer.read()))

    def _note(self, number, status, body):
        if status == 201:
            outcome = "allowed"
        elif status == 403 and "denied the request" in body["message"]:
            outcome = "denied"
        else:
            outcome = f"{status}: {body.get('message')}"
        with self.lock:
            self.outcomes[outcome] += 1
            if outcome in ("allowed", "denied") and outcome != ("allowed", "denied")[number % 2]:
                self.wrong.append((number, outcome))

    def done(self):
        return sum(self.outcomes.values())

    def failed(self):
        """Those that got no verdict, by what was said."""
        return {text: count for text, count in self.outcomes.items() if text not in ("allowed", "denied")}

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.end()

    def end(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()
        return self
