FROM python:3.11-slim
WORKDIR /streamlstm
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY connectors connectors
COPY streamlstm streamlstm
COPY configs configs
COPY examples examples
# The demo compiles the kernels into the image, so that a container starts without compiling.
RUN pip install --no-cache-dir -c constraints.txt '.[service]' && useradd worker \
    && chown -R worker /streamlstm
USER worker
ENV NUMBA_CACHE_DIR=/streamlstm/kernels
RUN streamlstm demo --out warm-up && rm -r warm-up
ENTRYPOINT ["streamlstm"]
CMD ["--help"]
