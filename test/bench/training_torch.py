"""One epoch of ivadomed's training loop in plain PyTorch, timed: the U-Net of its default model, DiceLoss, Adam, batches made in
the same process by the transforms of the tutorial. Takes its settings as JSON (see torch.ts), prints its times as JSON."""
import json
import sys
import time

import numpy as np
import scipy.ndimage as nd
import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    """(conv 3x3, ReLU, batch norm, channel dropout) twice."""

    def __init__(self, i, o, rate=0.3, momentum=0.1):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o, momentum=momentum)
        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, padding=1), nn.BatchNorm2d(o, momentum=momentum)
        self.drop = nn.Dropout2d(rate)

    def forward(self, x):
        x = self.drop(self.bn1(F.relu(self.conv1(x))))
        return self.drop(self.bn2(F.relu(self.conv2(x))))


class Unet(nn.Module):
    """Channels filters * 2^level; the bottom keeps the width; bilinear upsampling with aligned corners, concatenation."""

    def __init__(self, depth, filters, classes):
        super().__init__()
        wide = [filters * 2**i for i in range(depth)]
        self.down = nn.ModuleList(Block(i, o) for i, o in zip([1] + wide, wide))
        self.bottom = Block(wide[-1], wide[-1])
        self.up, width = nn.ModuleList(), wide[-1]
        for o in reversed(wide):
            self.up.append(Block(width + o, o))
            width = o
        # More than one class: softmax with a background channel, which is dropped.
        self.last = nn.Conv2d(width, classes + (classes > 1), 3, padding=1)

    def forward(self, x):
        skips = []
        for block in self.down:
            x = block(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottom(x)
        for block in self.up:
            skip = skips.pop()
            x = block(torch.cat([F.interpolate(x, size=skip.shape[-2:], mode='bilinear', align_corners=True), skip], 1))
        x = self.last(x)
        return torch.softmax(x, 1)[:, 1:] if x.shape[1] > 1 else torch.sigmoid(x)


def dice_loss(p, y, smooth=1.0):
    p, y = p.reshape(-1), y.reshape(-1)
    return -(2 * (p * y).sum() + smooth) / (p.sum() + y.sum() + smooth)


def draw(rng, image, labels, s):
    """RandomAffine (order 1), ElasticTransform (with probability 0.1), NormalizeInstance."""
    planes = [image, *labels]
    if s['affine']:
        angle = np.deg2rad(rng.uniform(-5, 5))
        matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * rng.uniform(0.9, 1.1)
        centre = np.array(image.shape) / 2
        offset = centre - matrix @ (centre + rng.uniform(-0.03, 0.03, 2) * image.shape)
        planes = [nd.affine_transform(p, matrix, offset, order=1) for p in planes]
    if s['elastic'] and rng.uniform() < 0.1:
        at = np.meshgrid(*map(np.arange, image.shape), indexing='ij')
        at = [a + 29 * nd.gaussian_filter(rng.uniform(-1, 1, image.shape), 4, mode='constant') for a in at]
        planes = [nd.map_coordinates(p, at, order=1, mode='reflect') for p in planes]
    image = planes[0]
    return (image - image.mean()) / max(image.std(), 1e-5), [(p >= 0.5).astype(np.float32) for p in planes[1:]]


def batches(rng, s, count, augment):
    """Smooth noise as images, its bright parts as labels: small objects, as in the real data."""
    pool = [nd.gaussian_filter(rng.normal(size=s['size']), 6).astype(np.float32) for _ in range(16)]
    settings = s if augment else {**s, 'affine': False, 'elastic': False}
    for start in range(0, count, s['batch']):
        n = min(s['batch'], count - start)
        images = [pool[(start + i) % 16] for i in range(n)]
        made = time.perf_counter()
        drawn = [draw(rng, x, [(x > np.quantile(x, 0.97)).astype(np.float32)] * s['classes'], settings) for x in images]
        x = torch.from_numpy(np.stack([d[0][None] for d in drawn]).astype(np.float32))
        y = torch.from_numpy(np.stack([np.stack(d[1]) for d in drawn]))
        yield x, y, time.perf_counter() - made


def main():
    s = json.loads(sys.argv[1])
    torch.set_num_threads(s['threads'])
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    net = Unet(s['depth'], s['filters'], s['classes'])
    adam = torch.optim.Adam(net.parameters(), lr=1e-3)

    def train(count):
        net.train()
        samples = 0.0
        for x, y, seconds in batches(rng, s, count, True):
            loss = dice_loss(net(x), y)
            adam.zero_grad()
            loss.backward()
            adam.step()
            loss.item()
            samples += seconds
        return samples

    train(min(3 * s['batch'], s['train']))
    started = time.perf_counter()
    samples = train(s['train'])
    trained = time.perf_counter()
    net.eval()
    with torch.no_grad():
        for x, y, _ in batches(rng, s, s['validation'], False):
            dice_loss(net(x), y).item()
    done = time.perf_counter()
    print(json.dumps({
        'torch': torch.__version__,
        'parameters': sum(p.numel() for p in net.parameters()),
        'trainSeconds': trained - started,
        'validationSeconds': done - trained,
        'sampleSeconds': samples,
    }))


main()
