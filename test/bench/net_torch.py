"""The counterpart of net.ts: the tutorial's U-Net in PyTorch. `python3 net_torch.py [steps] [batch] [cpu|cuda] [threads]`; prints one line of JSON."""
import json, resource, sys, time
import torch
import torch.nn as nn
import torch.nn.functional as F

steps, batch, size, threads = int(sys.argv[1]) if len(sys.argv) > 1 else 5, int(sys.argv[2]) if len(sys.argv) > 2 else 18, 128, int(sys.argv[4]) if len(sys.argv) > 4 else 2
device = sys.argv[3] if len(sys.argv) > 3 else "cpu"
torch.set_num_threads(threads)
torch.manual_seed(0)


class Block(nn.Module):
    def __init__(self, inputs, filters):
        super().__init__()
        layers = []
        for channels in (inputs, filters):
            layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(filters, momentum=0.1), nn.Dropout2d(0.3)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


class Unet(nn.Module):
    def __init__(self, filters=64, depth=3):
        super().__init__()
        widths = [filters * 2**level for level in range(depth)]
        self.down = nn.ModuleList([Block(1 if i == 0 else widths[i - 1], w) for i, w in enumerate(widths)])
        self.bottom = Block(widths[-1], widths[-1])
        below = [widths[-1]] + widths[:0:-1]
        self.up = nn.ModuleList([Block(b + w, w) for b, w in zip(below, reversed(widths))])
        self.last = nn.Conv2d(filters, 1, 3, padding=1)

    def forward(self, x):
        skips = []
        for block in self.down:
            skips.append(block(x))
            x = F.max_pool2d(skips[-1], 2)
        x = self.bottom(x)
        for block in self.up:
            skip = skips.pop()
            x = block(torch.cat([F.interpolate(x, size=skip.shape[-2:], mode="bilinear", align_corners=True), skip], 1))
        return torch.sigmoid(self.last(x))


def median(run, warm_up):
    times = []
    for _ in range(warm_up + steps):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return sorted(times[warm_up:])[steps // 2]


net = Unet().to(device)
parameters = sum(p.numel() for p in net.parameters())
assert parameters == 4837249, parameters
optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
x = torch.randn(batch, 1, size, size, device=device)
y = (torch.rand(batch, 1, size, size, device=device) > 0.9).float()


def step():
    optimiser.zero_grad()
    p = net(x)
    loss = -(2 * (p * y).sum() + 1) / (p.sum() + y.sum() + 1)
    loss.backward()
    optimiser.step()
    return loss.item()


def infer():
    with torch.no_grad():
        return net(x).cpu()


train = median(step, 3)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
net.eval()
print(json.dumps({"engine": f"torch {torch.__version__}", "device": device, "threads": threads, "batch": batch, "train_step_s": round(train, 3),
                  "inference_s": round(median(infer, 3), 3), "peak_rss_gib": round(peak, 2)}))
