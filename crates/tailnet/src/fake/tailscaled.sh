#!/bin/sh
# Stands where tailscaled does: tells its auth key, as a careless tailscaled might, and lives until it is killed.
for argument; do
  case $argument in --statedir=*) directory=${argument#*=} ;; esac
done
key=$(/bin/cat)
echo "using $key" >&2
printf %s "$key" > "$directory/auth-key.part"
/bin/mv "$directory/auth-key.part" "$directory/auth-key"
exec /bin/sleep 600
