# First process of a host. Its mount namespace gets an /etc, a /run and Samba's directories that
# exist in memory only, so that programs find their files where Debian puts them and no two hosts
# share one. It says its number outside of its own process namespace, and ends with its input.
set -e
read -r pid _ < /proc/self/stat
hostname "$1"
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/samba /run/overlay/etc /run/overlay/work
mount -t overlay -o lowerdir=/etc,upperdir=/run/overlay/etc,workdir=/run/overlay/work overlay /etc
for directory in lib cache log; do
    mkdir -p /var/$directory/samba
    mount -t tmpfs -o mode=755 tmpfs /var/$directory/samba
done
mkdir -m 700 /var/lib/samba/private
rm -f /etc/resolv.conf /etc/samba/smb.conf /etc/krb5.conf /etc/krb5.keytab
ip link set lo up
echo "$pid"
read -r _
