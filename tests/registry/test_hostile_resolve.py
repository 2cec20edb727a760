"""A registry that lies, stalls, floods and sends us elsewhere, asked by `image resolve`. Each behaviour at each step of the
conversation, by tag and by digest: whatever is answered, the digest is the true one or there is none; it ends at the
deadline; memory stays bounded; credentials stay where they belong.

Cases run beside each other, each with a registry of its own; one that takes too long has another chance alone."""
import concurrent.futures
import contextlib

import pytest

import asking
import behaviours as b
import registries
from hostile import NAME, TAG, TOKEN, Hostile
from hostile_cases import EITHER, FAILS, SAID, TRUE, case, cases, title, true_cases

DEADLINE, GRACE = 1.0, 0.5  # seconds
NEVER_TAKEN = "the step was never taken"
MEMORY = 32 * 1024  # kilobytes above what an honest registry makes us take: LIMIT_OCI_MEMORY and a manifest
REQUESTS = 16  # that one question may make
BESIDE = 6  # at one time


class Place:
    """A registry that behaves as a case says, a host beside it on loopback, and what it takes to ask the first."""

    def __init__(self, one, made, pair, stack):
        tls = pair[1:] if one.options.get("tls") else None
        self.registry = stack.enter_context(Hostile(made, "bearer", tls, hides_digest=one.step == "manifest"))
        self.registry.elsewhere = stack.enter_context(Hostile(made, None, tls, host="127.0.0.2"))
        self.registry.replace(one.step, one.behaviour)
        self.options = ["--ca", pair[0]] if tls else ["--plain-http", self.registry.address]



def check(one, by_digest, made, pair, folder):
    """Run one case; returns what came of it and what is wrong with it. Time and memory are judged by the caller."""
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        place = Place(one, made, pair, stack)
        reference = f"{place.registry.address}/{NAME}" + (f"@{made.digest}" if by_digest else f":{TAG}")
        outcome = asking.resolve(reference, *place.options, "--docker-config", place.registry.docker_config(folder), patience=30,
                                 timeout="30s" if one.expected == TRUE else f"{DEADLINE}s")
        asked = one.step == "connection" or one.step in place.registry.steps()
        asked_often = len(place.registry.requests)
        strayed = place.registry.elsewhere.accepted
    problems = [
        (asked, NEVER_TAKEN),
        (asked_often <= REQUESTS, f"{asked_often} requests"),
        (strayed == 0, "a host on loopback that nobody named was connected to"),
        (not any(secret in outcome.text for secret in (registries.PASSWORD, TOKEN, place.registry.basic[6:])), "a secret is told"),
        (outcome.digest in (None, made.digest) or (one.expected == SAID and not by_digest), "a false digest"),
        (by_digest or one.expected != SAID or outcome.digest not in (None, made.digest), "not what HEAD said"),
        (one.expected != TRUE or outcome.digest == made.digest, "no digest"),
        (one.expected != FAILS or outcome.digest is None, "a digest where there can be none")]
    return outcome, [f"{title(one)}{', by digest' if by_digest else ''}: {text}: {outcome}" for good, text in problems if not good]


def late(outcome):
    return max(0.0, outcome.seconds - DEADLINE)


def was_slow(one, outcome, problems):
    """Whether the time may have been this machine's, so that it has to be tried again by itself."""
    return late(outcome) > GRACE and one.expected != TRUE or any(NEVER_TAKEN in problem for problem in problems)


def check_all(table, made, pair, folder):
    """Returns the outcome of each case, by title."""
    def both(numbered):
        number, (one, by_digest) = numbered
        return check(one, by_digest, made, pair, folder / str(number))

    jobs = [(one, by_digest) for one in table for by_digest in (False, True) if not by_digest or one.step == "head"]
    with concurrent.futures.ThreadPoolExecutor(BESIDE) as pool:
        results = list(pool.map(both, enumerate(jobs)))
    for number, (one, by_digest) in enumerate(jobs):
        for again in range(2):
            if was_slow(one, *results[number]):
                results[number] = check(one, by_digest, made, pair, folder / f"{number}-{again}")
    assert [problem for _, problems in results for problem in problems] == []
    return {(title(one), by_digest, one.expected): outcome for (one, by_digest), (outcome, _) in zip(jobs, results)}


@pytest.fixture(scope="module")
def honest_peak(single, pair, tmp_path_factory):
    one = case("head", "as it is", lambda exchange: exchange.honest() or True, TRUE, tls=True)
    return max(check(one, False, single, pair, tmp_path_factory.mktemp("honest") / str(number))[0].peak for number in range(3))


def test_whatever_it_answers(single, pair, honest_peak, tmp_path, capsys):
    outcomes = check_all(list(cases()), single, pair, tmp_path)
    slowest = max(outcomes, key=lambda key: late(outcomes[key]))
    largest = max(outcomes, key=lambda key: outcomes[key].peak)
    with capsys.disabled():
        print(f"\n{len(outcomes)} hostile answers: {late(outcomes[slowest]) * 1000:.0f} ms late at most ({slowest[0]}); "
              f"{outcomes[largest].peak / 1024:.1f} MB at most ({largest[0]}), {honest_peak / 1024:.1f} MB by an honest one")
    assert late(outcomes[slowest]) <= GRACE, slowest
    assert outcomes[largest].peak <= honest_peak + MEMORY, largest


def test_what_is_odd_but_good(single, pair, tmp_path):
    check_all(list(true_cases()), single, pair, tmp_path)
