// Holds Kubernetes manifests against the API's schema: node kubernetes.js FILE...; exit 1 with a line a mistake.
//
// The schema is that of the npm package kubernetes-models, whose validators are compiled from the API's OpenAPI
// description. They check types and required fields but, like the API without strict validation, pass over fields
// that they do not know: a misspelt securityContext would be no mistake. So each object is handed over behind a proxy
// that notes what is asked for: what no validator asked for is not in the schema.
'use strict';
const fs = require('fs');
const yaml = require('js-yaml');

// Calls unasked(path) for each field below `value` that was not read between now and the call of the returned function.
function watched(value, path = '') {
  const asked = new Set();
  const children = new Map();
  const proxy = new Proxy(value, {
    get(target, key) {
      const found = target[key];
      if (typeof key !== 'string' || !Object.hasOwn(target, key)) return found;
      asked.add(key);
      if (found === null || typeof found !== 'object') return found;
      if (!children.has(key)) children.set(key, watched(found, `${path}/${key}`));
      return children.get(key).proxy;
    },
  });
  const unasked = () => [
    ...(Array.isArray(value) ? [] : Object.keys(value).filter((key) => !asked.has(key)).map((key) => `${path}/${key}`)),
    ...[...children.values()].flatMap((child) => child.unasked()),
  ];
  return { proxy, unasked };
}

function mistakes(object) {
  const { apiVersion, kind } = object;
  let model;
  try {
    model = require(`kubernetes-models/${apiVersion}`)[kind];
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
  }
  if (!model) return [`there is no ${kind} in ${apiVersion}`];
  const { proxy, unasked } = watched(object);
  try {
    model.prototype.validate.call(proxy);
  } catch (error) {
    return [error.message];
  }
  return unasked().map((path) => `${path}: no such field`);
}

let status = 0;
for (const file of process.argv.slice(2)) {
  for (const object of yaml.loadAll(fs.readFileSync(file, 'utf8'))) {
    const found = mistakes(object);
    console.log(`${file}: ${object.kind}: ${found.join('; ') || 'valid'}`);
    if (found.length > 0) status = 1;
  }
}
process.exitCode = status;
