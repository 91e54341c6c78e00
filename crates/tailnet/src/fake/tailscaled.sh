#!/bin/sh
# Stands where tailscaled does: tells its auth key, as a careless tailscaled might, and lives until it is killed.
for argument; do
  case $argument in --statedir=*) directory=${argument#*=} ;; esac
done
# Another process reads the files, so each is there with its whole text or not at all.
tell() {
  printf %s "$2" > "$directory/$1.part"
  /bin/mv "$directory/$1.part" "$directory/$1"
}
tell pid $$
key=$(/bin/cat)
echo "using $key" >&2
tell auth-key "$key"
exec /bin/sleep 600
