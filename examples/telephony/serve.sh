#!/bin/sh
# The service for calls of Twilio: https://voices.example.com is this machine's address, the auth token that of the account.
#
#   TWILIO_AUTH_TOKEN=... sh examples/telephony/serve.sh
set -eu
umask 077
[ -e tokens.json ] || npx whospeaks token --file tokens.json --group calls
[ -e webhook-secret ] || printf 'whsec_%s\n' "$(openssl rand -base64 32)" >webhook-secret
printf '%s\n' "$TWILIO_AUTH_TOKEN" >twilio-auth-token
cat >serve.json <<EOF
{
  "tokensFile": "tokens.json",
  "publicUrl": "wss://voices.example.com",
  "twilioAuthTokenFile": "twilio-auth-token",
  "telephonyWebhook": "${WEBHOOK_URL:-http://127.0.0.1:8080/calls}",
  "telephonyWebhookSecretFile": "webhook-secret"
}
EOF
# TLS is the business of the proxy before it; Twilio connects by wss alone.
exec npx whospeaks serve --config serve.json "$@"
