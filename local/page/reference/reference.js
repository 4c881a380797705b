/** The reference of the API, drawn from `/openapi.json`. Its calls go to this service, with the key of local mode. */

/**
 * @typedef {{ preauthorizeApiKey: (scheme: string, key: string) => void }} Reference
 * @typedef {(options: Record<string, unknown>) => Reference} Draw
 */

const { SwaggerUIBundle: draw } = /** @type {{ SwaggerUIBundle: Draw }} */ (/** @type {unknown} */ (window));

export {};

const { apiKey } = await fetch('/_local/client').then((response) => response.json());

const reference = draw({
  url: '/openapi.json',
  domNode: document.getElementById('reference'),
  // The validator of its makers would get the address of the document.
  validatorUrl: null,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  onComplete: () => reference.preauthorizeApiKey('apiKey', apiKey),
});
