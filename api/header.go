package api

// Media types of the API.
const (
	// MediaTypeHAL is what Dwolla answers with, and the Accept header that it
	// demands: any other is refused with 406 and code InvalidVersion.
	MediaTypeHAL = "application/vnd.dwolla.v1.hal+json"
	// MediaTypeJSON is accepted for request bodies, and is what the token
	// endpoint answers with.
	MediaTypeJSON = "application/json"
	// MediaTypeHALForms is the Accept header for the edit-form and
	// document-form relations.
	MediaTypeHALForms = MediaTypeHAL + `; profile="https://github.com/dwolla/hal-forms"`
)

// Header names, in canonical form.
const (
	// HeaderIdempotencyKey carries the key that makes a repeated POST one
	// operation for 24 hours.
	HeaderIdempotencyKey = "Idempotency-Key"
	// HeaderRequestID is on every answer of Dwolla; support asks for it.
	HeaderRequestID = "X-Request-Id"
	// HeaderRay is the id that Dwolla's edge gives an answer, also where the
	// request did not reach Dwolla itself.
	HeaderRay = "Cf-Ray"
	// HeaderWebhookTopic is the topic of a webhook.
	HeaderWebhookTopic = "X-Dwolla-Topic"
	// HeaderWebhookSignature is the HMAC-SHA-256 of the raw body of a webhook
	// under the secret of its subscription, in lower-case hexadecimal.
	HeaderWebhookSignature = "X-Request-Signature-Sha-256"
)
