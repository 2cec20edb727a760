"""Chromium without a window, driven over its DevTools pipe: two pipes of JSON, each message ended by a NUL. No driver
and no library between. https://chromedevtools.github.io/devtools-protocol/ says what there is."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SECONDS = 60

# What a key is to the browser: code, number, and the text that it types.
KEYS = {"Tab": ("Tab", 9, ""), "Enter": ("Enter", 13, "\r"), "Space": ("Space", 32, " "),
        "ArrowDown": ("ArrowDown", 40, ""), "ArrowUp": ("ArrowUp", 38, "")}


class Browser:
    """The program. Every tab of it is a window of its own, with nothing kept from another."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="pratique-browser-")
        to_browser, self.write = os.pipe()
        self.read, from_browser = os.pipe()

        def pipes():
            # Away from 3 and 4 first, lest one be written over by the other.
            safe = os.dup(to_browser), os.dup(from_browser)
            os.dup2(safe[0], 3)
            os.dup2(safe[1], 4)

        # No network but the one that is asked for; as root there is no sandbox of the browser's own.
        options = ["--headless", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--disable-extensions",
                   "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-pings",
                   "--disable-dev-shm-usage", "--force-color-profile=srgb", "--font-render-hinting=none",
                   "--hide-scrollbars", f"--user-data-dir={self.folder.name}"]
        if os.geteuid() == 0:
            options.append("--no-sandbox")
        self.log = open(os.path.join(self.folder.name, "browser.log"), "wb+")
        self.process = subprocess.Popen([PROGRAM, *options], close_fds=False, preexec_fn=pipes, stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.number, self.tabs = b"", 0, {}

    def call(self, method, params=None, session=None):
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.write, data):]
        end = time.monotonic() + SECONDS
        while True:
            answer = self.receive(end, method)
            if answer.get("id") == number:
                assert "error" not in answer, (method, params, answer["error"])
                return answer["result"]

    def receive(self, end, what):
        """The next message; an event is put to its tab as well."""
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read], [], [], max(0, end - time.monotonic()))
            assert ready, f"the browser did not say {what} within {SECONDS}s"
            more = os.read(self.read, 1 << 20)
            assert more, f"the browser ended:\n{self.tail()}"
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(line)
        tab = self.tabs.get(message.get("sessionId"))
        if "method" in message and tab:
            tab.events.append(message)
        return message

    def tail(self):
        self.log.seek(0)
        return self.log.read()[-2000:].decode(errors="replace")

    def tab(self, **options):
        return Tab(self, **options)

    def close(self):
        try:
            self.call("Browser.close")
            self.process.wait(timeout=SECONDS)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            os.close(self.read)
            os.close(self.write)
            self.log.close()
            self.folder.cleanup()


class Tab:
    def __init__(self, browser, width=1280, height=900, dark=False, scale=1):
        self.browser, self.events = browser, []
        self.context = browser.call("Target.createBrowserContext")["browserContextId"]
        self.target = browser.call("Target.createTarget", {"url": "about:blank", "browserContextId": self.context})["targetId"]
        self.session = browser.call("Target.attachToTarget", {"targetId": self.target, "flatten": True})["sessionId"]
        browser.tabs[self.session] = self
        for domain in ("Page", "Runtime", "Log", "Network", "Audits", "Accessibility", "DOM"):
            self.call(domain + ".enable")
        self.resize(width, height, scale)
        self.dark(dark)

    def call(self, method, **params):
        return self.browser.call(method, params, self.session)

    def close(self):
        self.browser.call("Target.disposeBrowserContext", {"browserContextId": self.context})
        del self.browser.tabs[self.session]

    # looks

    def resize(self, width, height=900, scale=1):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False)

    def dark(self, dark=True):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def screenshot(self, path=None, whole=False, clip=None):
        options = {"captureBeyondViewport": True} if whole or clip else {}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        if clip:
            options["clip"] = clip
        data = base64.b64decode(self.call("Page.captureScreenshot", format="png", **options)["data"])
        if path:
            with open(path, "wb") as file:
                file.write(data)
        return data

    # ways

    def wait(self, method, since=0):
        """The first such event behind number `since`, of those that came or will come."""
        end = time.monotonic() + SECONDS
        while True:
            for event in self.events[since:]:
                if event["method"] == method:
                    return event["params"]
            self.browser.receive(end, method)

    def open(self, url):
        """Go there; returns the HTTP status."""
        since = len(self.events)
        answer = self.call("Page.navigate", url=url)
        assert "errorText" not in answer, (url, answer)
        self.wait("Page.loadEventFired", since)
        return self.status(since)

    def status(self, since=0):
        """Of the document that was loaded last."""
        return [event["params"]["response"]["status"] for event in self.events[since:]
                if event["method"] == "Network.responseReceived" and event["params"]["type"] == "Document"][-1]

    def goes(self, action):
        """Do what leads to another page, and wait for it; returns its HTTP status."""
        since = len(self.events)
        action()
        self.wait("Page.frameNavigated", since)
        self.wait("Page.loadEventFired", since)
        return self.status(since)

    def press(self, key, shift=False):
        code, number, text = KEYS[key]
        same = {"key": key if key != "Space" else " ", "code": code, "windowsVirtualKeyCode": number, "modifiers": 8 if shift else 0}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **same)
        self.call("Input.dispatchKeyEvent", type="keyUp", **same)

    def type(self, text):
        self.call("Input.insertText", text=text)

    # what is there

    def value(self, expression):
        """Of an expression of JavaScript that the test brings; the page has none."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def text(self, selector="body"):
        return self.value(f"document.querySelector({json.dumps(selector)}).innerText")

    def texts(self, selector):
        return self.value(f"[...document.querySelectorAll({json.dumps(selector)})].map(e => e.innerText.trim())")

    def url(self):
        return self.value("location.href")

    def focused(self):
        """What has the focus, in a word: its visible name."""
        return self.value("(e => e.labels?.[0]?.innerText || e.innerText?.trim() || e.tagName)(document.activeElement)")

    def nodes(self):
        """The accessibility tree, as a list of (role, name) of what is not ignored."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]

    # what must not be

    def complaints(self):
        """What a console would show in red or yellow, and everything that was blocked."""
        bad = {"Runtime.exceptionThrown", "Audits.issueAdded", "Runtime.consoleAPICalled", "Page.javascriptDialogOpening"}
        # A link that a test follows by script is not of a person, and going back would leave it out; that is no fault.
        return [event for event in self.events
                if event["method"] in bad and "NavigationEntryMarkedSkippable" not in json.dumps(event) or (event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] in ("error", "warning"))]

    def requests(self):
        """The addresses of all that was asked for."""
        return [event["params"]["request"]["url"] for event in self.events if event["method"] == "Network.requestWillBeSent"]
