// Shows the description of the API as a console. Whoever is signed in sends their own session with its CSRF token,
// unless they put in a key.
"use strict";
(() => {
  const place = document.getElementById("api");
  const cookie = (name) => {
    const found = document.cookie.split("; ").find((one) => one.startsWith(name + "="));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  };
  window.SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    deepLinking: true,
    docExpansion: "none",
    filter: true,
    validatorUrl: null,
    requestInterceptor: (request) => {
      if (new URL(request.url, location.href).origin === location.origin) {
        request.headers["X-CSRFToken"] = cookie(place.dataset.csrfCookie);
      }
      return request;
    },
  });
})();
