"""paramiko with a pool of threads: `uptime` on many hosts. paramiko_client.py cold|warm PORT USER KEY HOSTKEY HOSTS WIDTH"""

import base64
from concurrent.futures import ThreadPoolExecutor

import paramiko
from common import Arguments, check, serve

arguments = Arguments()
key = paramiko.Ed25519Key.from_private_key_file(arguments.key)
host_key = paramiko.Ed25519Key(data=base64.b64decode(open(arguments.host_key).read().split()[1]))


class OnlyThatKey(paramiko.MissingHostKeyPolicy):
    def missing_host_key(self, client, hostname, shown):
        if shown != host_key:
            raise paramiko.SSHException(f"{hostname} shows another key")


# It has no option for that.
paramiko.Transport._preferred_kex = ("curve25519-sha256@libssh.org",)


def connect(host):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(OnlyThatKey())
    client.connect(host, arguments.port, arguments.user, pkey=key, allow_agent=False, look_for_keys=False, timeout=60,
                   banner_timeout=60, auth_timeout=60)
    return client


def uptime(client):
    _, out, _ = client.exec_command("uptime")
    text = out.read()
    return text if out.channel.recv_exit_status() == 0 else b""


def cold(host):
    client = connect(host)
    try:
        return uptime(client)
    finally:
        client.close()


with ThreadPoolExecutor(arguments.width) as pool:
    if arguments.mode == "cold":
        check(list(pool.map(cold, arguments.hosts)), arguments.hosts)
    else:
        clients = list(pool.map(connect, arguments.hosts))
        serve({"exec": lambda: check(list(pool.map(uptime, clients)), clients)})
        for client in clients:
            client.close()
