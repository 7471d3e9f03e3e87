package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	oteltrace "go.opentelemetry.io/otel/trace"

	"wapas/desk"
	"wapas/ledger"
)

// traces sends spans to where the usual variables of OpenTelemetry say
// (OTEL_EXPORTER_OTLP_ENDPOINT, …_HEADERS, OTEL_TRACES_SAMPLER, and so on). It
// is nil, and costs nothing, if they name no endpoint. A span has the route,
// never the path, a body or a header: those hold ids and people.
type traces struct {
	provider *trace.TracerProvider
	tracer   oteltrace.Tracer
}

func newTraces(ctx context.Context) (*traces, error) {
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return nil, nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the exporter of traces: %w", err)
	}
	res, err := resource.New(ctx,
		resource.WithAttributes(semconv.ServiceName("wapas"), semconv.ServiceVersion(programVersion().Version)), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("describe this server for traces: %w", err)
	}
	p := trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(res))
	return &traces{p, p.Tracer("wapas")}, nil
}

// close sends what has not been sent.
func (t *traces) close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// around makes a span of each request.
func (t *traces) around(h http.Handler) http.Handler {
	if t == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthz", "/livez", "/readyz", "/metrics":
			h.ServeHTTP(w, r)
			return
		}
		ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := t.tracer.Start(ctx, r.Method, oteltrace.WithSpanKind(oteltrace.SpanKindServer)) // the server adds the route
		defer span.End()
		h.ServeHTTP(w, r.WithContext(ctx))
	})
}

// A tracedStore makes a span of each change: from when it was asked for until it
// is durable, so that what it waits for is in it.
type tracedStore struct {
	desk.Store
	tracer oteltrace.Tracer
}

func (s *tracedStore) Change(ctx context.Context, book desk.BookID, reads []desk.Ref, do func(tx desk.Tx) error) error {
	ctx, span := s.tracer.Start(ctx, "change", oteltrace.WithAttributes(attribute.Int64("wapas.book", int64(book))))
	defer span.End()
	err := s.Store.Change(ctx, book, reads, do)
	var refusal *ledger.Error
	switch {
	case errors.As(err, &refusal):
		span.SetAttributes(attribute.String("wapas.refused", string(refusal.Why)))
	case err != nil:
		span.SetStatus(codes.Error, "not kept, or not known to be")
	}
	return err
}
