package jitsuin

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client calls one relying party. Make it with New.
type Client struct {
	baseURL  string
	apiKey   string
	attempts int
	http     *http.Client
}

// New makes a client; baseURL is the JITSUIN_PUBLIC_URL of the role.
func New(baseURL, apiKey string) *Client {
	return &Client{
		baseURL:  strings.TrimRight(baseURL, "/"),
		apiKey:   apiKey,
		attempts: 4,
		http: &http.Client{
			Timeout: 30 * time.Second,
			// The credential goes to nobody else.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Problem is a refusal (RFC 9457). Code is stable; "unknown": the answer was no problem document.
type Problem struct {
	Status     int    `json:"status"`
	Code       string `json:"code"`
	Detail     string `json:"detail"`
	At         string `json:"at"`
	retryAfter time.Duration
}

func (p *Problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail) }

// NewKey makes an Idempotency-Key: keep it when you may have to send the same request after a restart.
func NewKey() string {
	octets := make([]byte, 16)
	if _, err := rand.Read(octets); err != nil {
		panic(err)
	}
	return hex.EncodeToString(octets)
}

type request struct {
	method, path   string
	query          url.Values
	body           any
	mediaType, key string
	repeatable     bool
}

func (c *Client) call(ctx context.Context, r request, answer any) error {
	body, err := encode(r.body)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		octets, err := c.send(ctx, r, body)
		if err == nil {
			if answer == nil {
				return nil
			}
			return json.Unmarshal(octets, answer)
		}
		wait, again := waitAfter(err, r.repeatable, attempt)
		if !again || attempt == c.attempts || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

func (c *Client) send(ctx context.Context, r request, body []byte) ([]byte, error) {
	address := c.baseURL + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.apiKey)
	if body != nil {
		req.Header.Set("Content-Type", or(r.mediaType, "application/json"))
	}
	if r.key != "" {
		req.Header.Set("Idempotency-Key", r.key)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	octets, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return nil, problemOf(res, octets)
	}
	return octets, nil
}

func problemOf(res *http.Response, octets []byte) *Problem {
	problem := Problem{Status: res.StatusCode, Code: "unknown"}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem+json") {
		_ = json.Unmarshal(octets, &problem)
	}
	if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil {
		problem.retryAfter = time.Duration(seconds) * time.Second
	}
	return &problem
}

func waitAfter(err error, repeatable bool, attempt int) (time.Duration, bool) {
	limit := 500 * time.Millisecond << (attempt - 1)
	jitter := time.Duration(mathrand.Int63n(int64(limit)))
	var problem *Problem
	if !errors.As(err, &problem) {
		return jitter, repeatable
	}
	again := problem.Status == http.StatusTooManyRequests || (repeatable && retryCodes[problem.Code])
	if problem.retryAfter > 0 {
		return problem.retryAfter, again
	}
	return jitter, again
}

// VerifyWebhook judges a delivery (Standard Webhooks, v1) over its very octets.
func VerifyWebhook(header http.Header, body []byte, secrets ...string) (*WebhookPayload, error) {
	id, stamp := header.Get("webhook-id"), header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if age := time.Since(time.Unix(seconds, 0)); err != nil || age > 5*time.Minute || age < -5*time.Minute {
		return nil, errors.New("the webhook is too old, or not signed")
	}
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil {
			return nil, err
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + stamp + "."))
		mac.Write(body)
		right := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		for _, given := range strings.Fields(header.Get("webhook-signature")) {
			if hmac.Equal(right, []byte(given)) {
				var payload WebhookPayload
				return &payload, json.Unmarshal(body, &payload)
			}
		}
	}
	return nil, errors.New("the webhook is not signed with one of the secrets")
}

func encode(body any) ([]byte, error) {
	switch value := body.(type) {
	case nil:
		return nil, nil
	case []byte:
		return value, nil
	default:
		return json.Marshal(value)
	}
}

func set(values url.Values, name, value string) {
	if value != "" {
		values.Set(name, value)
	}
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
