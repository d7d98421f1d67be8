#!/usr/bin/env bash
# A real S3 server for tests: a Ceph RADOS gateway on loopback, over one monitor and one object store daemon that keeps all
# in memory. From Debian: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common
#
#   s3-server.sh DIRECTORY GATEWAY-PORT MONITOR-PORT ACCESS-KEY SECRET-KEY
#
# Prints "ready" once it answers, then obeys lines on standard input: "stop" and "start" (the gateway; objects stay).
# All of it ends when standard input does, so it cannot outlive whoever started it, however that ended.
set -euo pipefail
dir=$1 port=$2 monitor=$3 access=$4 secret=$5
conf=$dir/ceph.conf fsid=$(cat /proc/sys/kernel/random/uuid) gateway=
mkdir -p "$dir"/{mon,osd,rgw}
end() {
  trap - EXIT
  jobs -p | xargs -r kill -KILL 2>/dev/null || true
  wait || true
  rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' TERM INT
cat >"$conf" <<CONF
[global]
fsid = $fsid
mon host = [v2:127.0.0.1:$monitor/0]
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = $dir/keyring
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 2000
mon data avail crit = 1
mon data avail warn = 1
mon osd reporter subtree level = osd
paxos propose interval = 0.05
run dir = $dir
log file = $dir/\$name.log
admin socket = $dir/\$name.asok
crash dir = $dir
[mon.a]
mon data = $dir/mon
[osd.0]
osd data = $dir/osd
osd objectstore = memstore
memstore device bytes = 8589934592
osd class load list = *
osd class default list = *
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
rgw dns name = localhost
rgw data = $dir/rgw
rgw enable usage log = false
rgw enable gc threads = false
rgw bucket default quota max objects = -1
CONF
ceph-authtool -C "$dir/keyring" --gen-key -n mon. --cap mon 'allow *' >/dev/null
for who in client.admin client.rgw osd.0; do
  ceph-authtool "$dir/keyring" --gen-key -n $who --cap mon 'allow *' --cap osd 'allow *' >/dev/null
done
monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$monitor]" "$dir/monmap" >/dev/null
ceph-mon -c "$conf" --mkfs -i a --monmap "$dir/monmap" --keyring "$dir/keyring"
ceph-mon -f -c "$conf" -i a </dev/null >/dev/null 2>&1 &
ask() { timeout 20 ceph -c "$conf" -n client.admin "$@"; }
uuid=$(cat /proc/sys/kernel/random/uuid)
ask osd new "$uuid" 0 >/dev/null
ceph-osd -c "$conf" -i 0 --mkfs --osd-uuid "$uuid" >/dev/null
ceph-osd -f -c "$conf" -i 0 </dev/null >/dev/null 2>&1 &
start() {
  radosgw -f -c "$conf" -n client.rgw </dev/null >/dev/null 2>&1 &
  gateway=$!
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    kill -0 "$gateway" 2>/dev/null || { tail -n 20 "$dir/client.rgw.log"; exit 1; }
    sleep 0.1
  done
}
stop() { kill -KILL "$gateway" && wait "$gateway" || true; }
start
radosgw-admin -c "$conf" -n client.rgw user create --uid=tests --display-name=tests \
  --access-key="$access" --secret-key="$secret" >/dev/null
echo ready
while read -r command; do
  case $command in
    start) start ;;
    stop) stop ;;
  esac
  echo "$command done"
done
