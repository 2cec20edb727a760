"""Many policies of which the same few match.

The few are those of bench/policy.yaml. The others are what a large cluster has: most belong to one
namespace, some name namespaces, some one part of a registry, and one in five hundred a wildcard of
namespaces, which no index finds. None of them matches a review of the corpus."""

PER_FILE = 500

OF_A_NAMESPACE = """apiVersion: pratique.dev/v1alpha1
kind: ImagePolicy
metadata: {{name: rules, namespace: team-{n}}}
spec:
  rules:
    - name: own-images
      allow: ["registry.example.com/team-{n}/**", "registry.example.com/shared/**"]
    - name: no-latest
      deny: ["**:latest"]
"""
OF_TWO_NAMESPACES = """apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{name: stages-{n}}}
spec:
  match: {{namespaces: [stage-{n}-test, stage-{n}-live]}}
  rules:
    - name: versions
      tag: {{semver: ">=1.0"}}
"""
OF_IMAGES = """apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{name: platform-{n}}}
spec:
  images: ["registry.example.com/platform/part-{n}/**"]
  rules:
    - name: pinned
      require: [digest]
"""
OF_A_WILDCARD = """apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{name: tenants-{n}}}
spec:
  match: {{namespaces: ["tenant-{n}-*"]}}
  rules:
    - name: own-registry
      allow: [registry.example.com]
"""


def other(n):
    if n % 500 == 499:
        return OF_A_WILDCARD.format(n=n)
    kind = (OF_A_NAMESPACE, OF_A_NAMESPACE, OF_A_NAMESPACE, OF_TWO_NAMESPACES, OF_IMAGES)[n % 5]
    return kind.format(n=n)


def write(folder, few, total):
    """Fill `folder` with the policies of the file `few` and others, `total` in all."""
    folder.mkdir()
    text = few.read_text()
    (folder / "few.yaml").write_text(text)
    others = [other(n) for n in range(total - text.count("ImagePolicy\n"))]
    for start in range(0, len(others), PER_FILE):
        (folder / f"others-{start:05}.yaml").write_text("---\n".join(others[start:start + PER_FILE]))
    return folder
