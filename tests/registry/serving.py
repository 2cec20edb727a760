"""The webhook under test, asked over HTTPS as an API server does."""
import base64
import json

from hostile import NAME, TAG
from pratique_server import review

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{name: pinned}}
spec:
  mode: {mode}
  rules:
    - name: registries
      allow: ["**"]
    - name: digest
      require: [digest]
  mutate: {{resolveDigest: true}}
"""


def ask(server, image, path="/mutate", timeout=10, **request):
    """The response, and the texts of the images after its patch."""
    answer = server.post(review(image, **request), f"{path}?timeout={timeout}s")
    assert answer.status == 200, answer.body
    response = json.loads(answer.body)["response"]
    patch = json.loads(base64.b64decode(response.get("patch", "W10=")))
    return response, [one["value"] for one in patch if one["op"] in ("add", "replace") and one["path"].endswith("/image")]


def reference(registry, tag=TAG):
    return f"{registry.address}/{NAME}:{tag}"
