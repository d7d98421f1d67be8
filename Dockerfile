# syntax=docker/dockerfile:1
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/Package.props src/
COPY src/MlService.Learning/MlService.Learning.csproj src/MlService.Learning/
COPY src/MlService.Learning.Trees/MlService.Learning.Trees.csproj src/MlService.Learning.Trees/
COPY src/MlService/MlService.csproj src/MlService/
RUN dotnet restore src/MlService --use-current-runtime -p:PublishReadyToRun=true
COPY src src
# Compiled ahead: it starts sooner, and short jobs do not wait for the compiler. What runs often is compiled again for the machine at hand.
RUN dotnet publish src/MlService -c Release --no-restore --use-current-runtime --self-contained false -p:PublishReadyToRun=true -o /published

FROM mcr.microsoft.com/dotnet/aspnet:10.0
# LightGBM's native library needs it.
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /published .
# The one place that is written to; everything else may be mounted read-only.
RUN mkdir /data && chown "$APP_UID" /data
VOLUME /data
USER $APP_UID
ENV ASPNETCORE_URLS=http://+:8080 \
    Data__Directory=/data \
    DOTNET_EnableDiagnostics=0
EXPOSE 8080
ENTRYPOINT ["dotnet", "MlService.dll"]
