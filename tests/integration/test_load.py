"""Many callers at once: each gets the answer to its own question."""
import http.client
import json
import ssl
import threading

from pratique_server import SECONDS, ask, review

CALLERS, QUESTIONS = 16, 60


def question(caller, n):
    """Half of the images are denied; the size of the review varies, so that answers overtake."""
    registry = ("registry.example.com", "evil.example.net")[(caller + n) % 2]
    image = f"{registry}/caller-{caller}:{n}"
    return image, review(image, uid=f"{caller}-{n}") + b" " * (n * 997 % 50000)


def test_each_caller_gets_its_own_answer(new_server):
    server = new_server(limits={"threads": 4}).start()
    context, problems = ssl._create_unverified_context(), []

    def call(caller):
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=SECONDS,
                                                 context=context)
        for n in range(QUESTIONS):
            image, body = question(caller, n)
            response = json.loads(ask(connection, "POST", "/validate", body).body)["response"]
            denied = image.startswith("evil")
            named = not denied or f'"{image}"' in response["status"]["message"]
            if response["uid"] != f"{caller}-{n}" or response["allowed"] is denied or not named:
                problems.append((image, response))
        connection.close()

    callers = [threading.Thread(target=call, args=(caller,)) for caller in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert not problems
    audited = {line["uid"]: line for line in server.audit()}
    assert len(server.audit()) == len(audited) == CALLERS * QUESTIONS
    for uid, line in audited.items():
        caller, n = map(int, uid.split("-"))
        image = question(caller, n)[0]
        assert line["images"][0]["image"] == image
        assert line["verdict"] == ("deny" if image.startswith("evil") else "allow")
