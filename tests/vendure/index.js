// Starts Vendure for tests: its database in memory (sql.js needs no compiler), assets in VENDURE_DATA_DIR, on
// VENDURE_PORT of this machine only.
const path = require('path');
const {
    bootstrap, DefaultJobQueuePlugin, DefaultLogger, DefaultSearchPlugin, InMemorySessionCacheStrategy, JobQueueService,
    LogLevel,
} = require('@vendure/core');
const { AssetServerPlugin } = require('@vendure/asset-server-plugin');

const folder = process.env.VENDURE_DATA_DIR;
const port = Number(process.env.VENDURE_PORT);
const origin = `http://127.0.0.1:${port}`;

bootstrap({
    apiOptions: { hostname: '127.0.0.1', port, adminApiPath: 'admin-api', shopApiPath: 'shop-api' },
    authOptions: {
        tokenMethod: ['bearer', 'api-key'],
        superadminCredentials: { identifier: 'superadmin', password: process.env.VENDURE_PASSWORD },
        requireVerification: false,
        sessionDuration: process.env.VENDURE_SESSION || '1y',
        sessionCacheStrategy: new InMemorySessionCacheStrategy(),
    },
    dbConnectionOptions: {
        type: 'sqljs', database: new Uint8Array([]), autoSave: false, synchronize: true, logging: false,
    },
    paymentOptions: { paymentMethodHandlers: [] },
    logger: new DefaultLogger({ level: LogLevel.Warn, timestamp: false }),
    plugins: [
        AssetServerPlugin.init({
            route: 'assets', assetUploadDir: path.join(folder, 'assets'), assetUrlPrefix: `${origin}/assets/`,
        }),
        DefaultSearchPlugin.init({ bufferUpdates: true, indexStockStatus: true }),
    ],
}).then(app => app.get(JobQueueService).start()).catch(failure => {
    console.error(failure);
    process.exit(1);
});
