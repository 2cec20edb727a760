#!/usr/bin/python3
"""What a first webhook in Python looks like: Flask, its development server, TLS from two files.

It answers as such a webhook does: it looks at the containers of a Pod and at nothing else, takes
what stands before the first slash for the registry, and trusts two of them.

usage: flask_server.py CERTIFICATE KEY PORT [--keep-alive]

The development server speaks HTTP/1.0 and closes the connection after each answer, so that every
review pays for a TLS handshake; with --keep-alive it speaks HTTP/1.1 and keeps it open."""
import sys

from flask import Flask, jsonify, request
from werkzeug.serving import WSGIRequestHandler

TRUSTED = ["registry.example.com", "docker.io"]

app = Flask(__name__)


def answer(uid, response):
    return jsonify({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
                    "response": {"uid": uid, **response}})


@app.route("/validate", methods=["POST"])
def validate():
    review = request.get_json()
    uid = review["request"]["uid"]
    for container in review["request"]["object"]["spec"]["containers"]:
        image = container["image"]
        if image.split("/")[0] not in TRUSTED:
            message = f"Image {image} is not allowed. Allowed registries: {', '.join(TRUSTED)}"
            return answer(uid, {"allowed": False, "status": {"message": message}})
    return answer(uid, {"allowed": True})


def main():
    certificate, key, port = sys.argv[1:4]
    if "--keep-alive" in sys.argv:
        WSGIRequestHandler.protocol_version = "HTTP/1.1"
    app.run(host="127.0.0.1", port=int(port), ssl_context=(certificate, key))


if __name__ == "__main__":
    main()
