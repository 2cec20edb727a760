"""Options of these tests, and the order in which servers are needed."""


def pytest_addoption(parser):
    parser.addoption("--update", action="store_true", help="write expect.json from what is answered")
