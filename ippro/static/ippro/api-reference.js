// Shows the description of the API as a book. The library writes style elements of its own: they get the nonce of this
// page, so that the content security policy can stay without `unsafe-inline`.
"use strict";
(() => {
  const here = document.currentScript;
  const nonce = here.nonce;
  const make = Document.prototype.createElement;
  Document.prototype.createElement = function (name, ...rest) {
    const element = make.call(this, name, ...rest);
    if (String(name).toLowerCase() === "style") element.nonce = nonce;
    return element;
  };
  const bundle = document.createElement("script");
  bundle.src = here.dataset.bundle;
  bundle.addEventListener("load", () => {
    const place = document.getElementById("api");
    // Its search runs in a worker made of text, which the policy refuses.
    window.Redoc.init(place.dataset.schema, { disableSearch: true, nativeScrollbars: true, hideFab: true }, place);
  });
  document.body.append(bundle);
})();
