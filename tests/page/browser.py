#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The HTML report in a headless Chromium, on a narrow and a wide window, light, dark and printed: nothing is fetched,
the console stays empty, every chart is drawn, nothing sticks out, all text stands out from what is behind it.

usage: browser.py TOKTAPE FOLDER-OF-PROFILES [FOLDER-FOR-SCREENSHOTS]

Exits with 77 where there is no Chromium or no gnuplot."""

import base64
import glob
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE = 120  # seconds for one answer
NAME = "<script>document.title='ran'</script>\"'`$(touch ran)`<img src=http://x.invalid/ onerror=alert(1)>@{}|\\n"

failures = []


def expect(truth, *what):
    if not truth:
        failures.append(what)
        print("failed:", *what)


class Browser:
    """The DevTools protocol over two pipes: JSON documents that end with NUL."""

    def __init__(self, program, profile):
        to_browser, self.writing = os.pipe()
        self.reading, from_browser = os.pipe()
        self.buffer, self.events, self.last = b"", [], 0

        def place_pipes():
            a, b = os.dup(to_browser), os.dup(from_browser)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-extensions", "--disable-background-networking", "--hide-scrollbars",
             "--user-data-dir=" + profile, "--remote-debugging-pipe", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=place_pipes, close_fds=False)
        os.close(to_browser)
        os.close(from_browser)
        self.session = None

    def read(self, until):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.reading], [], [], max(until - time.monotonic(), 0))
            data = os.read(self.reading, 1 << 20) if ready else b""
            if not data:
                raise TimeoutError("the browser does not answer")
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **parameters):
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writing, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + PATIENCE
        while True:
            answer = self.read(until)
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, url):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Page.navigate", url=url)
        until = time.monotonic() + PATIENCE
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self.read(until))

    def run(self, script):
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def close(self):
        self.process.terminate()
        self.process.wait()


# What the page is like now, and everything about it that is wrong.
LOOK = r"""(() => {
  const wrong = [], seen = e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0; };
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) wrong.push('the page is ' + root.scrollWidth + ' pixels wide');
  for (const e of document.querySelectorAll('main > *, main > * > *:not(svg)')) {
    const r = e.getBoundingClientRect();
    if (seen(e) && r.right > innerWidth + 1 && !e.closest('.wide')) wrong.push(e.tagName + ' sticks out: ' + r.right);
  }
  const figures = [...document.querySelectorAll('figure svg')];
  for (const svg of figures) {
    const shapes = [...svg.querySelectorAll('path, polygon, use, circle, polyline')].filter(seen);
    const box = svg.getBoundingClientRect();
    if (shapes.length < 4 || box.width < 300 || box.height < 80) wrong.push('an empty chart: ' + svg.textContent.trim().slice(0, 60) + ": " + [shapes.length, box.width, box.height]);
    const title = svg.querySelector('title');
    if (svg.getAttribute('role') !== 'img' || !title || !title.textContent.trim() ||
        document.getElementById(svg.getAttribute('aria-labelledby')) !== title) wrong.push('a chart has no text beside it');
    const caption = svg.closest('figure').querySelector('figcaption strong');
    if (!title || !caption || caption.textContent !== title.textContent) wrong.push('a chart has no title of the page');
    for (const t of svg.querySelectorAll('text')) {
      const r = t.getBoundingClientRect(), slack = box.width / 100;
      if (t.textContent.trim() && (r.left < box.left - slack || r.right > box.right + slack || r.top < box.top - slack ||
          r.bottom > box.bottom + slack)) wrong.push('cut off in a chart: ' + t.textContent.trim());
    }
  }
  for (const t of document.querySelectorAll('table')) {
    if (!t.querySelector('th[scope=col]')) wrong.push('a table without headers');
  }
  const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(h => +h.tagName[1]);
  if (levels.filter(l => l === 1).length !== 1) wrong.push('not one h1');
  levels.forEach((l, i) => { if (i && l > levels[i - 1] + 1) wrong.push('a heading level is left out'); });
  if (!root.lang) wrong.push('no language');
  return {wrong, charts: figures.length, tables: document.querySelectorAll('table').length, title: document.title,
          details: document.querySelectorAll('details').length,
          headings: [...document.querySelectorAll('h2, h3')].map(h => h.textContent)};
})()"""

# Text whose contrast against what is really behind it is below 4.5 (WCAG AA), shapes of charts included.
CONTRAST = r"""(async () => {
  const parse = s => { const m = s.match(/[\d.]+/g); return m ? m.map(Number) : null; };
  const over = (top, a, below) => top.map((v, i) => v * a + below[i] * (1 - a));
  const light = c => { const f = c.map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
                       return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2]; };
  const ratio = (a, b) => { const x = light(a), y = light(b); return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
  const page = parse(getComputedStyle(document.body).backgroundColor).slice(0, 3);
  const behind = (x, y, text) => {
    let colour = page;
    for (const e of document.elementsFromPoint(x, y).reverse()) {
      const s = getComputedStyle(e);
      if (e === text || e.contains(text) && e.namespaceURI.endsWith('svg')) continue;
      const svg = e.namespaceURI.endsWith('svg') && e.tagName !== 'svg' && e.tagName !== 'text';
      const paint = svg ? s.fill : s.backgroundColor, c = paint && paint.startsWith('rgb') ? parse(paint) : null;
      if (!c) continue;
      colour = over(c.slice(0, 3), (c.length > 3 ? c[3] : 1) * (svg ? +s.fillOpacity : 1) * +s.opacity, colour);
    }
    return colour;
  };
  const pale = new Set(); let checked = 0;
  for (const d of document.querySelectorAll('details')) d.open = true;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), nodes = [];
  while (walker.nextNode()) if (walker.currentNode.data.trim()) nodes.push(walker.currentNode);
  const styles = new Map();
  for (const node of nodes) {
    const e = node.parentElement, svg = e.namespaceURI.endsWith('svg');
    if (e.tagName === 'title' || e.tagName === 'desc') continue;
    const s = getComputedStyle(e), key = e.tagName + s.color + s.fontSize + e.className;
    if (!svg && styles.get(key) > 3) continue; /* the same again */
    styles.set(key, (styles.get(key) || 0) + 1);
    const range = document.createRange();
    range.selectNodeContents(node);
    let r = range.getBoundingClientRect();
    if (!r.width) continue;
    (svg ? e.closest('text') : e).scrollIntoView({block: 'center', inline: 'center'});
    r = range.getBoundingClientRect();
    const x = Math.min(Math.max(r.left + r.width / 2, 1), innerWidth - 1), y = r.top + r.height / 2;
    const ink = parse(svg ? getComputedStyle(e.closest('text')).fill : s.color).slice(0, 3), ground = behind(x, y, svg ? e.closest('text') : e);
    checked++;
    if (ratio(ink, ground) < 4.5) pale.add(node.data.trim().slice(0, 40) + ' ' + ink + ' on ' + ground.map(Math.round) + ' ' +
      ratio(ink, ground).toFixed(2));
  }
  scrollTo(0, 0);
  for (const d of document.querySelectorAll('details')) d.open = false;
  return {checked, pale: [...pale].slice(0, 20)};
})()"""

HIDDEN_IN_PRINT = r"""(() => [...document.querySelectorAll('main > details')].filter(d =>
  ![...d.children].slice(1).some(e => e.checkVisibility())).length)()"""


def shoot(browser, folder, name, width):
    height = browser.run("document.documentElement.scrollHeight")
    picture = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                           clip={"x": 0, "y": 0, "width": width, "height": min(height, 16000), "scale": 1})
    with open(os.path.join(folder, name + ".png"), "wb") as f:
        f.write(base64.b64decode(picture["data"]))


def check_look(browser, name, charts):
    look = browser.run(LOOK)
    for wrong in look["wrong"]:
        expect(False, name, wrong)
    expect(look["charts"] >= charts, name, look["charts"], "charts")
    expect(look["title"] == "toktape report", name, "the title is", look["title"])
    for heading in ("Gates", "Charts", "Evidence", "Environment", "Runs"):
        expect(heading in look["headings"], name, "no heading", heading)
    return look


def check_page(browser, page, folder, name, charts):
    browser.open("file://" + page)
    for width in (360, 1400):
        browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        for theme in ("light", "dark"):
            browser.call("Emulation.setEmulatedMedia", media="screen",
                         features=[{"name": "prefers-color-scheme", "value": theme}])
            where = f"{name}-{width}-{theme}"
            look = check_look(browser, where, charts)
            shoot(browser, folder, where, width)
            contrast = browser.run(CONTRAST)
            expect(contrast["checked"] > 100, where, contrast["checked"], "texts")
            for pale in contrast["pale"]:
                expect(False, where, "contrast:", pale)
            print(f"{where}: {look['charts']} charts, {look['tables']} tables, {contrast['checked']} texts")
    browser.call("Emulation.setEmulatedMedia", media="print", features=[])
    expect(browser.run(HIDDEN_IN_PRINT) == 0, name, "details are hidden when printed")
    with open(os.path.join(folder, name + ".pdf"), "wb") as f:
        f.write(base64.b64decode(browser.call("Page.printToPDF", printBackground=False)["data"]))


def check_events(browser, name, page):
    for event in browser.events:
        method, what = event.get("method"), event.get("params", {})
        expect(method not in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"), name, method, what)
        if method == "Network.requestWillBeSent":
            url = what["request"]["url"]
            expect(url in ("about:blank", "file://" + page), name, "a request for", url)
    browser.events = []


def make_page(toktape, traces, page, *options):
    done = subprocess.run([toktape, "report", "-q", "--format", "html", "-o", page, *options, *traces])
    expect(done.returncode in (0, 1), "report left with", done.returncode)


def main(toktape, profiles, folder):
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not program or not shutil.which("gnuplot"):
        print("no Chromium or no gnuplot here")
        return 77
    os.makedirs(folder, exist_ok=True)
    # The browser's last processes may still write there for a moment.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        traces = []
        for profile in sorted(glob.glob(os.path.join(profiles, "*.json"))):
            traces.append(os.path.join(work, os.path.basename(profile)[:-5] + ".toktape"))
            subprocess.run([toktape, "synth", profile, "-q", "-o", traces[-1]], check=True)
        browser = Browser(program, os.path.join(work, "profile"))
        try:
            for name, some, charts, options in (("archive", traces, 10, ()), ("one", traces[4:5], 8, ()),
                                                ("hostile", traces[:1], 7, ("--label", "model=" + NAME))):
                page = os.path.join(work, name + ".html")
                make_page(toktape, some, page, *options)
                browser.session = None
                check_page(browser, page, folder, name, charts)
                check_events(browser, name, page)
        finally:
            browser.close()
        expect(not os.path.exists("ran"), "a name ran")
    print(f"{len(failures)} failures; pictures in {folder}")
    return len(failures) > 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "screenshots"))
