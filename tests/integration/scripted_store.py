"""What a scripted API server (scripted_api.py) has: objects of a few kinds, their versions, and what is asked and
changed of them as the Kubernetes API does it."""
import collections
import copy
import json
import threading

Resource = collections.namedtuple("Resource", "group_version plural kind namespaced")

GROUP = "pratique.dev/v1alpha1"
PRATIQUE = (Resource("v1", "namespaces", "Namespace", False),
            Resource(GROUP, "clusterimagepolicies", "ClusterImagePolicy", False),
            Resource(GROUP, "imagepolicies", "ImagePolicy", True),
            Resource(GROUP, "imagepolicyexceptions", "ImagePolicyException", False))
OTHERS = (Resource("v1", "pods", "Pod", True), Resource("v1", "events", "Event", True),
          Resource("v1", "secrets", "Secret", True),
          Resource("apps/v1", "deployments", "Deployment", True),
          Resource("coordination.k8s.io/v1", "leases", "Lease", True),
          Resource("events.k8s.io/v1", "events", "Event", True))

Answer = collections.namedtuple("Answer", "status body headers")
Event = collections.namedtuple("Event", "version type object")


def status(code, reason, message="", **more):
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
            "reason": reason, "code": code, **more}


class Fault(Exception):
    """An answer that is not 2xx."""

    def __init__(self, code, reason, message="", headers=None):
        super().__init__(message)
        self.answer = Answer(code, status(code, reason, message), headers or {})


class Watch:
    """One open watch: what is yet to be written to it."""

    def __init__(self, resource, namespace, metadata):
        self.resource, self.namespace, self.metadata = resource, namespace, metadata
        self.pending, self.end = [], None

    def wants(self, made):
        return kind_of(made) == (self.resource.group_version, self.resource.kind) and \
            self.namespace in (None, made["metadata"].get("namespace"))

    def line(self, type, made):
        made = as_metadata(made) if self.metadata and type != "ERROR" else made
        return json.dumps({"type": type, "object": made}, separators=(",", ":")).encode() + b"\n"


def kind_of(made):
    return made["apiVersion"], made["kind"]


def as_metadata(made):
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": made["metadata"]}


def merge(base, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(base) if isinstance(base, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


class Store:
    """`changed` is told whenever something is, and guards all of it."""

    def __init__(self, resources):
        self.resources = {(one.group_version, one.plural): one for one in resources}
        self.objects, self.version, self.oldest, self.history = {}, 100, 0, []
        self.rests, self.tokens, self.watches = {}, 0, []
        self.changed = threading.Condition(threading.RLock())

    # -- objects, as someone else would change them --

    def put(self, made):
        """Make it, or make it another; returns it as it is now."""
        with self.changed:
            key = self._key(made)
            old = self.objects.get(key)
            made = copy.deepcopy(made)
            metadata = made["metadata"]
            metadata.setdefault("uid", old["metadata"]["uid"] if old else f"uid-{self.version}")
            metadata["generation"] = old["metadata"]["generation"] + (old.get("spec") != made.get("spec")) if old else 1
            self._note("MODIFIED" if old else "ADDED", made)
            self.objects[key] = made
            return made

    def drop(self, kind, name, namespace=None):
        with self.changed:
            key = next(key for key in self.objects if key[1:] == (namespace, name) and key[0].kind == kind)
            self._note("DELETED", copy.deepcopy(self.objects.pop(key)))

    def get(self, kind, name, namespace=None):
        with self.changed:
            return next((made for (resource, *rest), made in self.objects.items()
                         if resource.kind == kind and tuple(rest) == (namespace, name)), None)

    def all(self, kind):
        with self.changed:
            return [made for key, made in self.objects.items() if key[0].kind == kind]

    def _key(self, made):
        resource = next(one for one in self.resources.values() if (one.group_version, one.kind) == kind_of(made))
        return resource, made["metadata"].get("namespace"), made["metadata"]["name"]

    def _note(self, type, made):
        self.version += 1
        made["metadata"]["resourceVersion"] = str(self.version)
        self.history.append(Event(self.version, type, copy.deepcopy(made)))
        for watch in self.watches:
            if watch.wants(made):
                watch.pending.append(watch.line(type, made))
        self.changed.notify_all()

    # -- versions that are forgotten --

    def compact(self):
        """Versions before the newest have expired."""
        with self.changed:
            self.version += 1
            self.oldest = self.version

    def set_back(self, version, objects):
        """As an etcd that was restored from a backup: an older version, and what was there then."""
        with self.changed:
            self.version, self.history, self.oldest = version, [], 0
            self.objects = {self._key(made): made for made in copy.deepcopy(objects)}

    def expire_continues(self):
        with self.changed:
            self.rests.clear()

    # -- what is asked; under the lock --

    def _list(self, resource, namespace, name, sub, query, body, handler):
        if "continue" in query:
            if query["continue"] not in self.rests:
                raise Fault(410, "Expired", "The provided continue parameter is too old")
            version, items = self.rests[query["continue"]]
        else:
            version = self.version
            items = [made for key, made in sorted(self.objects.items(), key=lambda it: (it[0][1] or "", it[0][2]))
                     if key[0] == resource and namespace in (None, key[1])]
        limit = int(query.get("limit", 0)) or len(items)
        page, rest = items[:limit], items[limit:]
        metadata = {"resourceVersion": str(version)}
        if rest:
            self.tokens += 1
            token = f"rest+{self.tokens}/="
            self.rests[token] = version, rest
            metadata.update({"continue": token, "remainingItemCount": len(rest)})
        typed = "." not in resource.group_version.split("/")[0]
        return {"kind": resource.kind + "List", "apiVersion": resource.group_version, "metadata": metadata,
                "items": [{k: v for k, v in made.items() if not typed or k not in ("kind", "apiVersion")} for made in page]}

    # single objects

    def _find(self, resource, namespace, name):
        made = self.objects.get((resource, namespace, name))
        if made is None:
            raise Fault(404, "NotFound", f'{resource.plural} "{name}" not found')
        return made

    def _get(self, resource, namespace, name, sub, query, body, handler):
        return self._find(resource, namespace, name)

    def _create(self, resource, namespace, name, sub, query, body, handler):
        if (resource, namespace, body["metadata"]["name"]) in self.objects:
            raise Fault(409, "AlreadyExists", "already exists")
        return self.put({"apiVersion": resource.group_version, "kind": resource.kind, **body})

    def _change(self, old, new, sub):
        """Status is changed by itself, as all else is without it."""
        if new["metadata"].get("resourceVersion", old["metadata"]["resourceVersion"]) != old["metadata"]["resourceVersion"]:
            raise Fault(409, "Conflict", "the object has been modified")
        status = new.get("status") if sub == "status" else old.get("status", new.get("status"))
        made = {**(old if sub == "status" else new), **({"status": status} if status is not None else {})}
        return old if made == old else self.put(made)

    def _update(self, resource, namespace, name, sub, query, body, handler):
        return self._change(self._find(resource, namespace, name), body, sub)

    def _patch(self, resource, namespace, name, sub, query, body, handler):
        type = handler.headers.get("Content-Type")
        if type not in ("application/merge-patch+json", "application/apply-patch+yaml"):
            raise Fault(415, "UnsupportedMediaType", type)
        if type == "application/apply-patch+yaml" and (resource, namespace, name) not in self.objects:
            return self.put(body)
        old = self._find(resource, namespace, name)
        return self._change(old, merge(old, body), sub)

    def _delete(self, resource, namespace, name, sub, query, body, handler):
        self._find(resource, namespace, name)
        self.drop(resource.kind, name, namespace)
        return {"kind": "Status", "status": "Success"}
