// The viewer of the API's own description, at /docs/.
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle';
import 'swagger-ui-dist/swagger-ui.css';

SwaggerUI({
  dom_id: '#api',
  url: '../openapi.json',
  deepLinking: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  // Nothing is asked of anybody outside.
  validatorUrl: null,
});
