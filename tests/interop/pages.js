// What the scripts of browser_rows.py use; set(settings) comes first.
let settings, api, third;

function set(given) {
  settings = given;
  api = `http://api.site.localhost:${given.port}`;
  third = `http://third.site.localhost:${given.port}`;
}

// The URL of a path behind a policy, marked with the row.
const at = (path, host = api, policy = settings.policy) => `${host}/${policy}${path}?row=${settings.row}`;
const via = (url, to, status = 307) =>
  `${url}${url.includes("?") ? "&" : "?"}status=${status}&to=${encodeURIComponent(to)}`;

// What came of a promise, in a line.
async function see(promise, look) {
  try {
    const response = await promise;
    const seen = response instanceof Response ? [response.type, response.status] : [];
    return (look ? [...seen, await look(response)] : seen).map(String).join(" ");
  } catch (error) {
    return error.name;
  }
}

const picture = (url) =>
  new Promise((done) => {
    const image = new Image();
    image.crossOrigin = "anonymous";
    image.onload = () => done("loaded");
    image.onerror = () => done("error");
    image.src = url;
  });

const upload = (method, url) =>
  new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.upload.onprogress = () => {};
    request.onloadend = () => done(String(request.status));
    request.send("a");
  });

// The same script in a frame whose origin is opaque.
const sandboxed = (script) =>
  new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    addEventListener("message", ({ data }) => (frame.remove(), done(data)), { once: true });
    const given = JSON.stringify(settings);
    frame.srcdoc = `<script>${settings.library}
      set(${given.replaceAll("<", "\\u003c")});
      Promise.resolve(${script}).then((seen) => parent.postMessage(seen, "*"));<` + "/script>";
    document.body.append(frame);
  });

// The first message of a WebSocket, or that it was not opened.
const greeting = (url) =>
  new Promise((done) => {
    const socket = new WebSocket(url);
    socket.onmessage = ({ data }) => done(data);
    socket.onerror = () => done("refused");
  });
