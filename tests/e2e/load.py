"""People who create Pods, some allowed and some not, without a pause, and what became of each."""
import collections
import http.client
import itertools
import json
import ssl
import threading

from cluster import DEADLINE


class Creates:
    """Creates Pods from several threads until stopped, or until `most` are made. Each outcome is one of `allowed`,
    `denied` or a text that says what else happened; `wrong` are those that should have been the other."""

    def __init__(self, cluster, namespace, good, bad, threads=4, most=4000):
        self.cluster, self.namespace, self.images, self.most = cluster, namespace, (good, bad), most
        self.outcomes, self.wrong = collections.Counter(), []
        self.numbers, self.stopped, self.lock = itertools.count(), threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self._run) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def _run(self):
        context = ssl.create_default_context(cafile=self.cluster.ca)
        connection = http.client.HTTPSConnection(self.cluster.address, 6443, timeout=DEADLINE, context=context)
        while not self.stopped.is_set() and (number := next(self.numbers)) < self.most:
            image = self.images[number % 2]
            connection.request("POST", f"/api/v1/namespaces/{self.namespace}/pods", json.dumps({
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"load-{number}"},
                "spec": {"containers": [{"name": "app", "image": image}]}}),
                {"Content-Type": "application/json", "Authorization": "Bearer admin-token"})
            answer = connection.getresponse()
            self._note(number, answer.status, json.loads(answer.read()))
        connection.close()

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

    def end(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()
        return self
