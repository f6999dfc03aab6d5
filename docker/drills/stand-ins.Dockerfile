# Where no registry answers: the other images of docker/*/compose.yaml, of Debian's packages of the same programs.
#
# For docker/drill alone. Each stage keeps what the compose file relies on in the image it stands in for, which is named
# above it: user, paths, variables, entry point. Grafana is not in Debian.
FROM debian:bookworm-slim AS programs
RUN apt-get update -qq \
 && mkdir -p /etc/postgresql-common/createcluster.d \
 && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/drill.conf \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends postgresql haproxy prometheus \
    mariadb-server-core mariadb-client \
 && rm -rf /var/lib/apt/lists/* \
 && ln -s /usr/lib/postgresql/*/bin/* /usr/local/bin/ \
 && install -d -o postgres -g postgres -m 0700 /var/lib/postgresql/data \
 && useradd --system --no-create-home --shell /usr/sbin/nologin mysql \
 && rm -rf /etc/mysql/mariadb.conf.d/* \
 && install -d -o nobody -g nogroup /prometheus

# postgres:17
FROM programs AS postgresql
COPY postgres-entrypoint /usr/local/bin/docker-entrypoint.sh
ENV PGDATA=/var/lib/postgresql/data
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]

# mariadb:11.8
FROM programs AS mariadb
COPY mariadb-entrypoint /usr/local/bin/docker-entrypoint.sh
COPY healthcheck.sh /usr/local/bin/
VOLUME /var/lib/mysql
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["mariadbd"]

# mysql:9.7
FROM programs AS mysql
COPY --from=mysql-root usr /opt/mysql/usr
COPY mysqld /usr/local/bin/
COPY mysql-entrypoint /usr/local/bin/docker-entrypoint.sh
RUN rm /etc/mysql/my.cnf && echo '!includedir /etc/mysql/conf.d/' >/etc/my.cnf
VOLUME /var/lib/mysql
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["mysqld"]

# haproxy:2.6
FROM programs AS haproxy
USER haproxy
STOPSIGNAL SIGUSR1
CMD ["/usr/sbin/haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]

# prom/prometheus:v2.53.1
FROM programs AS prometheus
USER nobody
VOLUME /prometheus
ENTRYPOINT ["/usr/bin/prometheus"]
CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]
