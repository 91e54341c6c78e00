#!/bin/sh
# A tailscaled that ends as soon as it has its auth key, with a complaint about it.
key=$(/bin/cat)
echo starting >&2
echo "bad key $key" >&2
exit 3
