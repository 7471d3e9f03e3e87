package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// A door is what a room asks of its callers: given a request as its documents
// print it, what is sent, with which headers.
type door func(path, body string) (string, http.Header)

// basic is Razorpay's: key id and secret.
func basic(key, secret string) door {
	return func(_, body string) (string, http.Header) {
		return body, http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(key+":"+secret))}}
	}
}

// bearer is Engage's and our own: a token.
func bearer(token string) door {
	return func(_, body string) (string, http.Header) {
		return body, http.Header{"Authorization": {"Bearer " + token}}
	}
}

// salted is PhonePe's: the body goes as base64, unless it is printed so, and a
// hash of that, the path and the salt key goes with it.
func salted(salt string, index int) door {
	return func(path, body string) (string, http.Header) {
		var printed struct{ Request string }
		json.Unmarshal([]byte(body), &printed) // no body has no request
		encoded := printed.Request
		if encoded == "" && body != "" {
			encoded = base64.StdEncoding.EncodeToString([]byte(body))
			wrapped, _ := json.Marshal(map[string]string{"request": encoded}) // two strings always can be
			body = string(wrapped)
		}
		sum := sha256.Sum256([]byte(encoded + path + salt))
		return body, http.Header{"X-Verify": {hex.EncodeToString(sum[:]) + "###" + strconv.Itoa(index)}}
	}
}

// timed is Eko's: a developer key, and the time signed with the access key.
func timed(developer, access string) door {
	return func(_, body string) (string, http.Header) {
		now := strconv.FormatInt(time.Now().UnixMilli(), 10)
		mac := hmac.New(sha256.New, []byte(base64.StdEncoding.EncodeToString([]byte(access))))
		mac.Write([]byte(now))
		return body, http.Header{
			"Developer_key":        {developer},
			"Secret-Key":           {base64.StdEncoding.EncodeToString(mac.Sum(nil))},
			"Secret-Key-Timestamp": {now},
		}
	}
}
